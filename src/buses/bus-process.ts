import { processNamespaces, processStat, processStatus } from '../../native-probe/proc/process.js';
import type { Holder } from '../../native-probe/proc/socket-holders.js';
import { ourselves } from '../identity/ourselves.js';
import type { Inspection } from '../inspection/inspect.js';
import { reading, valueOf } from '../words/reading.js';

/** Which processes have the bus's ends of its connections. */
export interface BusProcesses {
  /** Who has the other end of our own connection open; undefined where that was not seen. */
  readonly holders: readonly Holder[] | undefined;
  /** Whether those are not the bus. */
  readonly isRelay: boolean;
  /** The processes whose sockets are those of the bus's connections. */
  readonly pids: ReadonlySet<number>;
  /** Whether the numbers that the bus gives are those of another PID namespace. */
  readonly countsElsewhere: boolean;
}

/**
 * Finds the processes of a bus: who has the other end of our connection, unless the bus says that it is another, which
 * neither started them nor called listen(2) there. dbus-broker names its starter as the bus.
 *
 * @param says - the PID that the bus gives of itself, in its own PID namespace; undefined where it gives none
 */
export function busProcesses(
  { holders, peer }: Pick<Inspection, 'holders' | 'peer'>,
  says: number | undefined,
): BusProcesses {
  const found = holders && valueOf(holders)?.found;
  if (found === undefined || found.length === 0) {
    const pids = new Set(says === undefined ? [] : [says]);
    return { holders: undefined, isRelay: false, pids, countsElsewhere: false };
  }
  const pids = found.map(({ pid }) => pid);
  const countsElsewhere = pids.some(isInOtherPidNamespace);
  // systemd(1) has the listeners of what it activates open, too
  const itself = pids.filter((pid) => says !== undefined && [pid, numberInside(pid), parentOf(pid)].includes(says));
  const isRelay = says !== undefined && itself.length === 0 && valueOf(peer.credential)?.pid !== says;
  const those = isRelay ? [says] : itself.length > 0 ? itself : pids;
  return { holders: found, isRelay, pids: new Set(those), countsElsewhere };
}

function isInOtherPidNamespace(pid: number): boolean {
  const ours = valueOf(ourselves().namespaces)?.pid;
  const theirs = valueOf(reading(() => processNamespaces(pid)))?.pid;
  return ours !== undefined && theirs !== undefined && ours !== theirs;
}

/** Its number in the innermost PID namespace that it has one in. */
function numberInside(pid: number): number | undefined {
  return valueOf(reading(() => processStatus(pid)))?.namespacePids.at(-1);
}

function parentOf(pid: number): number | undefined {
  return valueOf(reading(() => processStat(pid)))?.parent;
}
