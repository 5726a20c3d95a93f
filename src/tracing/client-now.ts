import type { RecordedProcess } from '../../native-probe/bpf/trace-record.js';
import { openPidfd } from '../../native-probe/pidfd.js';
import type { ClientNow } from '../document/trace-event.js';
import { PinnedProcess } from '../identity/pinned-process.js';
import { reading } from '../words/reading.js';

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
  const opened = reading(() => new PinnedProcess(openPidfd(pid)));
  if ('error' in opened) {
    if (opened.error.code === 'ESRCH') return exited(pid, recordedBy);
    // It is the number of a thread by now
    if (['EINVAL', 'ENOENT'].includes(opened.error.code)) return recycled(pid, recordedBy);
    return unpinned(pid, `the kernel refused pidfd_open(2): ${opened.error.code}`);
  }
  using process = opened.value;
  if (pidfdId === undefined || process.id === undefined) return unpinned(pid, 'this needs pidfd ids (Linux 6.9)');
  if (process.id !== pidfdId) return recycled(pid, recordedBy);
  const { state } = process.look();
  if (state === 'exited') return exited(pid, recordedBy);
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
