import type { Fd } from '../../native-probe/fd.js';
import { endOf, openPidfd, pidfdId, pidfdInfo } from '../../native-probe/pidfd.js';
import { pidfdNumbers } from '../../native-probe/proc/fdinfo.js';
import { procIsOurs } from '../../native-probe/proc/system.js';
import { reading, valueOf } from '../words/reading.js';
import type { Client } from './client.js';
import { doesNot, type Trial, works } from './row.js';

/**
 * Whether a pidfd that the kernel gave pins this client of ours: a descriptor alone is no answer. Ends the client
 * where nothing else tells.
 *
 * @param seen - the detail for a pidfd that does
 */
export function pinsClient(pidfd: Fd, client: Pick<Client, 'pid' | 'end'>, seen: string): Trial {
  const pinned = numberOf(pidfd, client.pid);
  if (pinned === client.pid || (pinned === undefined && endsWith(pidfd, client))) return works(seen);
  return doesNot(
    pinned === undefined
      ? 'The kernel gave a descriptor, but it does not show when a test client ends.'
      : `The kernel gave a pidfd, but of PID ${pinned} instead of the test client, which has PID ${client.pid}.`,
  );
}

/**
 * The number of a pidfd's process, by PIDFD_GET_INFO (6.13), pidfd ids (6.9) or fdinfo; undefined where none tells.
 *
 * @param expected - the number of a process that is not reaped, whose pidfd id is compared
 */
function numberOf(pidfd: Fd, expected: number): number | undefined {
  const told = valueOf(reading(() => pidfdInfo(pidfd).pid));
  if (told !== undefined) return told;
  const same = valueOf(
    reading(() => {
      // The client is not waited for yet, so the number is still its own
      using opened = openPidfd(expected);
      const id = pidfdId(pidfd);
      return id === undefined ? undefined : id === pidfdId(opened);
    }),
  );
  if (same === true) return expected;
  return procIsOurs() === true ? valueOf(reading(() => pidfdNumbers(pidfd).pid)) : undefined;
}

/** Whether a pidfd tells the client's end, and not before: for pidfds whose number nothing tells. */
function endsWith(pidfd: Fd, client: Pick<Client, 'end'>): boolean {
  if (endOf(pidfd) !== 'running') return false;
  client.end();
  return endOf(pidfd) !== 'running';
}
