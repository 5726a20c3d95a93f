import type { RecordedProcess } from '../../native-probe/bpf/trace-record.js';
import { endOf, openPidfdIfThere, pidfdId as idOf } from '../../native-probe/pidfd.js';
import { errnoName, Refused } from '../../native-probe/syscall-error.js';
import type { ClientNow } from '../document/trace-event.js';

/**
 * Whom the PID names now that a service is told of this client. The pidfd id that decides is the kernel's own, of the
 * process that made the call; a pidfd is opened from the number only to see whose it is by now.
 *
 * @param recordedBy - the call by which the kernel took the credential
 */
export function clientNow({ pid, pidfdId }: RecordedProcess, recordedBy: string): ClientNow {
  if (pid === 0) {
    return { verdict: 'foreign', sentence: 'The client has no PID in this PID namespace.' };
  }
  const opened = openPidfdIfThere(pid);
  if (opened instanceof Refused) {
    const code = errnoName(opened.errno);
    if (code === 'ESRCH') return exited(pid, recordedBy);
    // It is the number of a thread by now
    if (code === 'EINVAL' || code === 'ENOENT') return recycled(pid, recordedBy);
    return unpinned(pid, `the kernel refused pidfd_open(2): ${code}`);
  }
  using pidfd = opened;
  const id = idOf(pidfd);
  if (pidfdId === undefined || id === undefined) return unpinned(pid, 'this needs pidfd ids (Linux 6.9)');
  if (id !== pidfdId) return recycled(pid, recordedBy);
  const end = endOf(pidfd);
  if (end === 'reaped') return exited(pid, recordedBy);
  const state = end === 'running' ? 'running' : 'zombie';
  return { verdict: 'pinned', sentence: `PID ${pid} is still the process that called ${recordedBy}.`, state };
}

function exited(pid: number, recordedBy: string): ClientNow {
  return {
    verdict: 'exited',
    sentence: `The process that called ${recordedBy} has ended, and nobody has PID ${pid} now.`,
    state: 'exited',
  };
}

function recycled(pid: number, recordedBy: string): ClientNow {
  return {
    verdict: 'recycled',
    sentence: `PID ${pid} is another process now: the one that called ${recordedBy} has ended.`,
    state: 'exited',
  };
}

function unpinned(pid: number, why: string): ClientNow {
  return {
    verdict: 'unpinned',
    sentence: `Nobody can say whether PID ${pid} is still the client: ${why}.`,
  };
}
