import type { Namespaces } from '../../native-probe/namespaces.js';
import { openPidfd, pidfdId, pidfdNamespaces } from '../../native-probe/pidfd.js';
import { processNamespaces } from '../../native-probe/proc/process.js';
import {
  bootId,
  bootTime,
  overflowGid,
  overflowGidIsMapped,
  overflowUid,
  overflowUidIsMapped,
  procIsOurs,
} from '../../native-probe/proc/system.js';
import { type Reading, reading, valueOf } from '../words/reading.js';

/** This process and its namespaces, with which others are compared. */
export interface Ourselves {
  readonly pid: number;
  readonly pidfdId: bigint | undefined;
  readonly namespaces: Reading<Namespaces>;
  /** The overflow uid, which stands for uids not mapped here; undefined where it is mapped and so a user as well. */
  readonly unmappedUid: number | undefined;
  readonly unmappedGid: number | undefined;
  /** systemd's `bootId`: with pid and pidfd id it names a process beyond this boot. */
  readonly bootId: Reading<string>;
  /** Seconds since 1970. */
  readonly bootTime: Reading<number>;
  /** Whether the mounted /proc shows our PID namespace; undefined without /proc. */
  readonly procIsOurs: boolean | undefined;
}

let known: Ourselves | undefined;

/** This process, looked at once: its namespaces do not change while peerpid runs. */
export function ourselves(): Ourselves {
  return (known ??= {
    pid: process.pid,
    pidfdId: valueOf(reading(ownPidfdId)),
    namespaces: ownNamespaces(),
    unmappedUid: valueOf(reading(() => (overflowUidIsMapped() ? undefined : overflowUid()))),
    unmappedGid: valueOf(reading(() => (overflowGidIsMapped() ? undefined : overflowGid()))),
    bootId: reading(bootId),
    bootTime: reading(bootTime),
    procIsOurs: procIsOurs(),
  });
}

/** By /proc, or where that does not show us by a pidfd. */
function ownNamespaces(): Reading<Namespaces> {
  const shown = reading(() => processNamespaces('self'));
  if ('value' in shown) return shown;
  return reading(() => {
    using pidfd = openPidfd(process.pid);
    return pidfdNamespaces(pidfd);
  });
}

function ownPidfdId(): bigint | undefined {
  using pidfd = openPidfd(process.pid);
  return pidfdId(pidfd);
}
