import type { Fd } from '../../native-probe/fd.js';
import { openPidfd, pidfdId, pidfdInfo } from '../../native-probe/pidfd.js';
import { pidfdNumbers } from '../../native-probe/proc/fdinfo.js';
import { procIsOurs } from '../../native-probe/proc/system.js';
import { valueOf, reading } from '../reading.js';
import { doesNot, type Trial, works } from './row.js';

/** Whether a pidfd that the kernel gave pins the child that has this number: a descriptor alone is no answer. */
export function pinnedPid(pidfd: Fd, pid: number, seen: string): Trial {
  const pinned = numberOf(pidfd, pid);
  if (pinned === pid) return works(seen);
  return doesNot(
    pinned === undefined
      ? 'A descriptor was given, and nothing here tells which process it pins.'
      : `A pidfd was given, of PID ${pinned} in place of the client of our own that has PID ${pid}.`,
  );
}

/** By what tells it here: PIDFD_GET_INFO (6.13), the pidfd id (6.9), or fdinfo. */
function numberOf(pidfd: Fd, expected: number): number | undefined {
  const told = valueOf(reading(() => pidfdInfo(pidfd).pid));
  if (told !== undefined) return told;
  const same = valueOf(
    reading(() => {
      // It is not waited for yet, so the number is its own
      using opened = openPidfd(expected);
      const id = pidfdId(pidfd);
      return id === undefined ? undefined : id === pidfdId(opened);
    }),
  );
  if (same === true) return expected;
  return procIsOurs() === true ? valueOf(reading(() => pidfdNumbers(pidfd).pid)) : undefined;
}
