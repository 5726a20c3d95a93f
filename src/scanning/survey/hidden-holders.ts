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

/**
 * Looks where /proc/PID/fd does not show sockets: for those of which no holder was found, and asks them; and in processes
 * of record that are not seen to have theirs, while others do. It takes some calls for each process and thread, so that
 * nothing is looked at where there are no such sockets.
 *
 * @param surveys - of the same processes
 * @returns undefined where there are none
 */
export function surveyHidden(
  pids: Int32Array,
  sockets: ReadonlyMap<number, Surveyed>,
  surveys: readonly Survey[],
  asking: Asking,
): Survey | undefined {
  const unheld = new Set<number>();
  for (const [inode, { holders }] of sockets) if (holders.length === 0) unheld.add(inode);
  const recorders = recordersWithout(sockets);
  if (unheld.size === 0 && recorders.size === 0) return undefined;
  const wanted = new Set([...unheld, ...[...recorders.values()].flatMap((inodes) => [...inodes])]);
  const surveyor = new Surveyor(wanted, asking, false);
  const forbidden = new Set(surveys.flatMap((survey) => survey.forbidden.map(({ pid }) => pid)));
  try {
    for (const pid of pids) {
      if (forbidden.has(pid) || (unheld.size === 0 && !recorders.has(pid))) continue;
      const rings = surveys.flatMap((survey) => survey.rings.get(pid) ?? []);
      surveyor.visitHidden(pid, rings);
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
    const holders = pid === 0 ? undefined : sockets.get(inode)?.holders;
    if (holders === undefined || holders.length === 0 || holders.some((holder) => holder.pid === pid)) continue;
    const inodes = found.get(pid);
    if (inodes === undefined) found.set(pid, new Set([inode]));
    else inodes.add(inode);
  }
  return found;
}
