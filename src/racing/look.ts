import type { Fd } from '../../native-probe/fd.js';
import { peerCredential, peerPidfd } from '../../native-probe/peer-credential.js';
import { openPidfd } from '../../native-probe/pidfd.js';
import { processStat } from '../../native-probe/proc/process.js';
import { procIsOurs } from '../../native-probe/proc/system.js';
import type { Pinned } from '../identity/identify.js';
import { inspect, type Inspection } from '../inspection/inspect.js';
import { peerSocketOf } from '../socket/own-socket.js';
import type { Witness } from '../words/evidence.js';
import { type Reading, reading, valueOf } from '../words/reading.js';

/** All that a service notes of its client at one moment, to know the client again. */
export interface Look extends Disposable {
  /** SO_PEERCRED */
  readonly pid: number;
  /** When the process that had the number started, in clock ticks since boot. */
  readonly startTicks: Reading<number>;
  /** pidfd_open(2) of the number. */
  readonly opened: Reading<Fd>;
  /** SO_PEERPIDFD */
  readonly given: Reading<Fd>;
  /** What peerpid concludes. */
  readonly inspected: Pinned<Inspection>;
}

/** Looks at the client on an accepted socket, by every method. */
export function lookAt(socket: Fd, witness: Witness): Look {
  const pid = peerCredential(socket)?.pid;
  if (pid === undefined) throw new Error('an accepted socket has no credential');
  const startTicks = startTicksOf(pid);
  const opened = reading(() => openPidfd(pid));
  const given = reading(() => peerPidfd(socket));
  const closePidfds = (): void => {
    valueOf(opened)?.[Symbol.dispose]();
    valueOf(given)?.[Symbol.dispose]();
  };
  try {
    const inspected = inspect(peerSocketOf(socket), witness, { holders: false });
    return {
      pid,
      startTicks,
      opened,
      given,
      inspected,
      [Symbol.dispose]: () => {
        closePidfds();
        inspected[Symbol.dispose]();
      },
    };
  } catch (error) {
    closePidfds();
    throw error;
  }
}

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)), by which software from before pidfds knows a process again. */
export function startTicksOf(pid: number): Reading<number> {
  if (procIsOurs() !== true) return { error: { syscall: 'read /proc: no one of this PID namespace', code: 'ENOENT' } };
  return reading(() => processStat(pid).startTicks);
}
