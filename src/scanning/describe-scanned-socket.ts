import type { CredentialDocument, HolderDocument } from '../document.js';
import { describeFile } from '../describe-socket.js';
import { Missing } from '../missing.js';
import type { Names } from '../names.js';
import { mapReading, valueOf } from '../reading.js';
import { textOf } from '../text.js';
import type { Audited } from './audit.js';
import type { HolderSees } from './holder-views.js';
import { socketEvidence } from './scan-evidence.js';
import type { ProcessCatalogue } from './process-catalogue.js';
import type { RepeatedTexts } from './repeated-texts.js';
import type { PendingDocument, ScannedSocketDocument, SeenByDocument } from './scan-document.js';
import type { Holder } from '../holders.js';
import type { FoundSocket } from './socket-source.js';

/** What the descriptions of all sockets have in common. Tens of thousands have the same names, so each is described once. */
export interface ScanContext {
  readonly sockets: ReadonlyMap<number, FoundSocket>;
  readonly processes: ProcessCatalogue;
  readonly names: Names;
  /** Whether the sockets were to be asked. */
  readonly audit: boolean;
  readonly explain: boolean;
  readonly texts: RepeatedTexts;
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
  const missing = new Missing();
  const peer = audited?.peer;
  const named = peer?.named?.view;
  if (audited === undefined) sayWhyNotAudited(found, context, missing);
  const credential = audited && describeCredential(audited, context, missing);
  // Where there is no credential, there is no pidfd for the same reason
  const pinned = peer && (credential === undefined ? valueOf(peer.pinned) : missing.take('byPidfd', peer.pinned));
  return {
    inode: socket.inode,
    peerInode: socket.peerInode,
    type: socket.type,
    state: socket.state,
    address: context.texts.address(socket.address),
    file: audited && describeFileOf(audited, context, missing),
    networkNamespace: found.networkNamespace,
    owner: owner === undefined ? undefined : context.texts.user(owner),
    holders: describeHolders(found.holders, context.texts),
    credential: audited && (credential ?? null),
    recordedBy: audited?.recordedBy,
    byPid: audited && (named === undefined ? null : context.processes.briefOf(named)),
    byPidfd: audited && (pinned === undefined ? null : context.processes.briefOf(pinned)),
    verdict: audited?.judgement.verdict,
    basis: audited?.judgement.basis,
    text: audited?.sentence,
    seenBy: audited?.seenBy && describeSeenBy(audited.seenBy, missing),
    asks: audited && missing.take('asks', audited.asks),
    queue: socket.queue,
    backlog: socket.backlog,
    shutdown: shutdownOf(socket.shutdown),
    pending: pending.length === 0 ? undefined : pending.map((client) => describePending(client, context)),
    findings: audited?.findings ?? none,
    unavailable: missing.rows,
    evidence: context.explain ? socketEvidence(found, audited) : undefined,
  };
}

function describeFileOf(
  { listener }: Audited,
  { names }: ScanContext,
  missing: Missing,
): ScannedSocketDocument['file'] {
  if (listener?.unknown !== undefined) missing.take('file', listener.unknown);
  return listener?.file && describeFile(listener.file, names);
}

const none: readonly never[] = [];

function shutdownOf({ receive, send }: FoundSocket['socket']['shutdown']): ScannedSocketDocument['shutdown'] {
  if (receive) return send ? ['receive', 'send'] : ['receive'];
  return send ? ['send'] : undefined;
}

function describeCredential(
  { peer, details }: Audited,
  { names }: ScanContext,
  missing: Missing,
): CredentialDocument | undefined {
  const credential = missing.take('credential', peer.credential);
  if (credential === undefined) return undefined;
  const { pid, uid, gid } = credential;
  return {
    pid,
    uid,
    user: names.user(uid),
    gid,
    group: names.group(gid),
    groups: details && missing.take('credential.groups', details.groups),
    securityLabel: details && missing.take('credential.securityLabel', mapReading(details.securityLabel, textOf)),
  };
}

function describeSeenBy({ holder, pid, uid, gid, verdict }: HolderSees, missing: Missing): SeenByDocument {
  return {
    holder,
    pid: missing.take('seenBy.pid', pid),
    uid: missing.take('seenBy.uid', uid),
    gid: missing.take('seenBy.gid', gid),
    verdict,
  };
}

/** Nothing is left out in silence. */
function sayWhyNotAudited({ answers }: FoundSocket, { audit }: ScanContext, missing: Missing): void {
  if (!audit) missing.say('credential', 'not asked for (--no-audit)');
  else if (answers === undefined) missing.say('credential', 'no process was seen that has the socket open');
  else if ('error' in answers) missing.add('credential', answers.error);
  else missing.say('credential', 'the socket was closed while it was looked at');
}

function describePending(inode: number, { sockets, texts }: ScanContext): PendingDocument {
  return { inode, holders: describeHolders(sockets.get(inode)?.holders ?? none, texts) };
}

function describeHolders(holders: readonly Holder[], texts: RepeatedTexts): HolderDocument[] {
  return holders.map(({ pid, pidfdId, comm, fds }) => ({
    pid,
    pidfdId: pidfdId === undefined ? undefined : Number(pidfdId),
    comm: texts.comm(comm),
    fds,
  }));
}
