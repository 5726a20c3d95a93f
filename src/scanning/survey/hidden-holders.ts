import type { DiagSocket } from '../../../native-probe/diag-socket.js';
import type { Holder } from '../../../native-probe/proc/socket-holders.js';
import type { Asking, Survey } from '../../../native-probe/survey.js';
import { Surveyor } from '../../../native-probe/survey.js';
import { type Reading, valueOf } from '../../words/reading.js';
import type { Answers } from './answers.js';
import { closeStrangers } from './strangers.js';

/** A socket, as far as it was surveyed. */
interface Surveyed {
  readonly socket: Pick<DiagSocket, 'state' | 'peerInode' | 'inode'>;
  readonly holders: readonly Holder[];
  readonly answers: Reading<Pick<Answers, 'credential'>> | undefined;
}

/** Processes that may be looked into, with the descriptors of their io_uring instances. */
export interface Visited {
  readonly pids: readonly number[];
  readonly rings: ReadonlyMap<number, readonly number[]>;
}

/** Which sockets are looked for where /proc/PID/fd does not show them. */
export interface HiddenSearch {
  /** In every process. */
  readonly anywhere: ReadonlySet<number>;
  /** In one process, by its number. */
  readonly inProcess: ReadonlyMap<number, ReadonlySet<number>>;
}

/** Those of which no holder was found; and in processes of record that are not seen to have theirs, while others do. */
export function searchFor(sockets: ReadonlyMap<number, Surveyed>): HiddenSearch {
  const unheld = new Set<number>();
  for (const [inode, { holders }] of sockets) if (holders.length === 0) unheld.add(inode);
  return { anywhere: unheld, inProcess: recordersWithout(sockets) };
}

/**
 * Looks where /proc/PID/fd does not show sockets, and asks those that it finds. It takes some calls for each process and
 * thread, so that nothing is looked at where there is nothing to look for.
 *
 * @returns undefined where there is not
 */
export function surveyHidden(
  { pids, rings }: Visited,
  { anywhere, inProcess }: HiddenSearch,
  asking: Asking,
): Survey | undefined {
  if (anywhere.size === 0 && inProcess.size === 0) return undefined;
  const surveyor = new Surveyor(anywhere, asking, false);
  try {
    for (const pid of pids) {
      const ofThis = inProcess.get(pid);
      if (anywhere.size === 0 && ofThis === undefined) continue;
      const wanted = ofThis === undefined ? anywhere : new Set([...anywhere, ...ofThis]);
      surveyor.visitHidden(pid, rings.get(pid) ?? [], wanted);
    }
  } finally {
    closeStrangers();
  }
  return surveyor.result();
}

/** Numbers that credentials have, with the ends that they called connect(2) or listen(2) on and that only others have. */
function recordersWithout(sockets: ReadonlyMap<number, Surveyed>): ReadonlyMap<number, ReadonlySet<number>> {
  const found = new Map<number, Set<number>>();
  for (const { socket, answers } of sockets.values()) {
    const pid = valueOf(valueOf(answers)?.credential)?.pid ?? 0;
    const inode = socket.state === 'listening' ? socket.inode : (socket.peerInode ?? 0);
    const end = pid === 0 ? undefined : sockets.get(inode);
    // A datagram socket keeps the credential of its pair when it is connected to a receiver
    if (socket.state === 'connected' && end?.socket.peerInode !== socket.inode) continue;
    const holders = end?.holders;
    if (holders === undefined || holders.length === 0 || holders.some((holder) => holder.pid === pid)) continue;
    const inodes = found.get(pid);
    if (inodes === undefined) found.set(pid, new Set([inode]));
    else inodes.add(inode);
  }
  return found;
}
