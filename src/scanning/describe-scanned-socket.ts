import { isConnectedToClosed } from '../../native-probe/diag-socket.js';
import type { Holder } from '../../native-probe/proc/socket-holders.js';
import type { PendingDocument, ScannedSocketDocument } from '../document/scan-document.js';
import type { HolderDocument } from '../document/socket-document.js';
import { Missing } from '../document/unavailable.js';
import type { Audited } from './audit.js';
import { type DescribedConclusion, type DescribedConclusions, nothing } from './described-conclusions.js';
import type { RepeatedTexts } from './repeated-texts.js';
import type { socketEvidence } from './socket-evidence.js';
import type { FoundSocket } from './survey/found-sockets.js';

/** What the descriptions of all sockets share, so that what tens of thousands have in common is described once. */
export interface ScanContext {
  readonly sockets: ReadonlyMap<number, FoundSocket>;
  readonly conclusions: DescribedConclusions;
  /** Whether the sockets were to be asked. */
  readonly audit: boolean;
  /** Undefined where nobody wants to see it. */
  readonly evidence: typeof socketEvidence | undefined;
  readonly texts: RepeatedTexts;
  /** Why a socket could not be asked of which no holder was found. */
  readonly noHolder: string;
}

/**
 * One socket as JSON has it. There may be a hundred thousand, so all are objects
 * of one shape, in which what is absent is undefined: JSON leaves that out.
 */
export function describeScannedSocket(
  found: FoundSocket,
  audited: Audited | undefined,
  context: ScanContext,
): ScannedSocketDocument {
  const { socket } = found;
  const { owner, pending } = socket;
  const concluded = audited === undefined ? notAudited(found, context) : context.conclusions.of(audited);
  return {
    inode: socket.inode,
    peerInode: socket.peerInode,
    type: socket.type,
    state: socket.state,
    address: context.texts.address(socket.address),
    boundInode: context.texts.boundInode(socket.file),
    file: concluded.file,
    peerAddress: audited?.lostPeer && context.texts.address(audited.lostPeer),
    receiverClosed: isConnectedToClosed(socket) ? true : undefined,
    reachedBy: concluded.reachedBy,
    networkNamespace: found.networkNamespace,
    owner: owner === undefined ? undefined : context.texts.user(owner),
    holders: describeHolders(found.holders, context.texts),
    credential: concluded.credential,
    recordedBy: concluded.recordedBy,
    byPid: concluded.byPid,
    byPidfd: concluded.byPidfd,
    verdict: concluded.verdict,
    basis: concluded.basis,
    text: concluded.text,
    seenBy: concluded.seenBy,
    deceives: concluded.deceives,
    asks: concluded.asks,
    queue: socket.queue,
    backlog: socket.backlog,
    shutdown: shutdownOf(socket.shutdown),
    pending: pending?.length === 0 ? undefined : pending?.map((client) => describePending(client, context)),
    crowd: concluded.crowd,
    findings: concluded.findings,
    unavailable: pending === undefined ? [...concluded.unavailable, pendingNotTold] : concluded.unavailable,
    evidence: context.evidence?.(found, audited),
  };
}

const none: readonly never[] = [];

const pendingNotTold = { fact: 'pending', reason: 'more clients wait than the kernel names (UNIX_DIAG_ICONS)' };

function shutdownOf({ receive, send }: FoundSocket['socket']['shutdown']): ScannedSocketDocument['shutdown'] {
  if (receive) return send ? bothWays : receiveOnly;
  return send ? sendOnly : undefined;
}

const bothWays = ['receive', 'send'] as const;
const receiveOnly = ['receive'] as const;
const sendOnly = ['send'] as const;

const notAskedFor = { ...nothing, unavailable: [{ fact: 'credential', reason: 'not asked for (--no-audit)' }] };

const registered = 'the socket is registered with an io_uring, and has no descriptor that could be duplicated';

/** A socket of which nothing was concluded, with the reason. */
function notAudited({ answers, holders }: FoundSocket, { audit, noHolder }: ScanContext): DescribedConclusion {
  if (!audit) return notAskedFor;
  const missing = new Missing();
  if (answers === undefined) missing.say('credential', holders.length === 0 ? noHolder : registered);
  else if ('error' in answers) missing.add('credential', answers.error);
  else missing.say('credential', 'the socket was closed while it was looked at');
  return { ...nothing, unavailable: missing.rows };
}

function describePending(inode: number, { sockets, texts }: ScanContext): PendingDocument {
  return { inode, holders: describeHolders(sockets.get(inode)?.holders ?? none, texts) };
}

function describeHolders(holders: readonly Holder[], texts: RepeatedTexts): HolderDocument[] {
  return holders.map(({ pid, thread, ring, pidfdId, comm, activity, fds }) => ({
    pid,
    thread,
    pidfdId: pidfdId === undefined ? undefined : Number(pidfdId),
    comm: texts.comm(comm),
    activity,
    fds,
    ioUring: ring,
  }));
}
