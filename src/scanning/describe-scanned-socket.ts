import { formatAddress } from '../address.js';
import type { CredentialDocument, HolderDocument } from '../document.js';
import { Missing, present } from '../missing.js';
import type { Names } from '../names.js';
import { mapReading, valueOf } from '../reading.js';
import { textOf } from '../text.js';
import type { Audited } from './audit.js';
import type { ProcessCatalogue } from './process-catalogue.js';
import type { PendingDocument, ScannedSocketDocument } from './scan-document.js';
import type { FoundHolder, FoundSocket } from './socket-source.js';

/** What the descriptions of all sockets have in common. */
export interface ScanContext {
  readonly sockets: ReadonlyMap<number, FoundSocket>;
  readonly processes: ProcessCatalogue;
  readonly names: Names;
  /** Whether the sockets were to be asked. */
  readonly audit: boolean;
  readonly explain: boolean;
}

/** One socket as JSON has it. */
export function describeScannedSocket(
  found: FoundSocket,
  audited: Audited | undefined,
  context: ScanContext,
): ScannedSocketDocument {
  const { socket } = found;
  const { inode, peerInode, type, state, queue, backlog, owner } = socket;
  const missing = new Missing();
  const shutdown = (['receive', 'send'] as const).filter((direction) => socket.shutdown[direction]);
  const conclusion =
    audited === undefined ? whyNotAudited(found, context, missing) : describe(audited, context, missing);
  return {
    inode,
    ...(peerInode !== undefined && { peerInode }),
    type,
    state,
    ...present({
      address: formatAddress(socket.address),
      networkNamespace: found.networkNamespace,
      owner: owner === undefined ? undefined : { id: owner, ...present({ name: context.names.user(owner) }) },
    }),
    holders: found.holders.map(describeHolder),
    ...conclusion,
    ...(queue !== undefined && { queue }),
    ...(backlog !== undefined && { backlog }),
    ...(shutdown.length > 0 && { shutdown }),
    ...(socket.pending.length > 0 && { pending: socket.pending.map((client) => describePending(client, context)) }),
    findings: audited?.findings ?? [],
    unavailable: missing.rows,
    ...(context.explain && audited !== undefined && { evidence: audited.evidence }),
  };
}

function describe(
  audited: Audited,
  { processes, names }: ScanContext,
  missing: Missing,
): Partial<ScannedSocketDocument> {
  const { peer, judgement, details } = audited;
  const credential = missing.take('credential', peer.credential);
  const named = peer.named?.view;
  // Where there is no credential, there is no pidfd for the same reason
  const pinned = credential === undefined ? valueOf(peer.pinned) : missing.take('byPidfd', peer.pinned);
  const asks = missing.take('asks', audited.asks);
  const full: CredentialDocument | undefined = credential && {
    ...credential,
    ...present({
      user: names.user(credential.uid),
      group: names.group(credential.gid),
      groups: details && missing.take('credential.groups', details.groups),
      securityLabel: details && missing.take('credential.securityLabel', mapReading(details.securityLabel, textOf)),
    }),
  };
  return {
    credential: full ?? null,
    recordedBy: audited.recordedBy,
    byPid: named === undefined ? null : processes.briefOf(named),
    byPidfd: pinned === undefined ? null : processes.briefOf(pinned),
    verdict: judgement.verdict,
    basis: judgement.basis,
    text: audited.sentence,
    ...(asks !== undefined && { asks }),
  };
}

/** Nothing is left out in silence. */
function whyNotAudited(
  { answers }: FoundSocket,
  { audit }: ScanContext,
  missing: Missing,
): Partial<ScannedSocketDocument> {
  if (!audit) missing.say('credential', 'not asked for (--no-audit)');
  else if (answers === undefined) missing.say('credential', 'no process was seen that has the socket open');
  else if ('error' in answers) missing.add('credential', answers.error);
  else missing.say('credential', 'the socket was closed while it was looked at');
  return {};
}

function describePending(inode: number, { sockets }: ScanContext): PendingDocument {
  return { inode, holders: (sockets.get(inode)?.holders ?? []).map(describeHolder) };
}

function describeHolder({ pid, pidfdId, comm, fds }: FoundHolder): HolderDocument {
  return { pid, fds, ...(pidfdId !== undefined && { pidfdId: Number(pidfdId) }), comm: textOf(comm) };
}
