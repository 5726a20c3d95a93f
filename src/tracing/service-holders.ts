import { type SocketRecords, recordFlag } from '../../native-probe/bpf/socket-records.js';
import { openPidfd, pidfdId as idOf } from '../../native-probe/pidfd.js';
import { processName } from '../../native-probe/proc/process.js';
import { procIsOurs } from '../../native-probe/proc/system.js';
import { uapi } from '../../native-probe/uapi.js';
import type { TracedHolder } from '../document/trace-event.js';
import { present } from '../document/unavailable.js';
import { reading, valueOf } from '../words/reading.js';
import { textOf } from '../words/text.js';
import { milliseconds } from '../../native-probe/monotonic-clock.js';

/** Milliseconds for which what was found is said again. */
const youngerThan = 10_000;

/** Looks take at most one part in so many of the time, however often sockets are asked for that the last one did not have. */
const share = 20;
/** Milliseconds that they may take at once. */
const mostAtOnce = 500;

/** Holders that are named of one socket. */
const mostHolders = 8;

/** Who has a service's socket open, as the kernel last told. */
export interface FoundHolders {
  readonly holders: readonly TracedHolder[];
  /** How many more there are. */
  readonly more: number;
}

/**
 * Who has the sockets of services open: that may be another process than the one that called listen(2). One look tells of
 * all sockets of the machine, so it is kept for some seconds, and done again early only for a socket that it did not have.
 */
export class ServiceHolders {
  #byInode: ReadonlyMap<number, readonly number[]> = new Map();
  readonly #described = new Map<number, FoundHolders>();
  #records: SocketRecords | undefined;
  #at = -Infinity;
  /** Milliseconds that looks may take now. */
  #left = mostAtOnce;

  /** @param look - has a BPF program look through the descriptors of all processes now */
  constructor(private readonly look: () => SocketRecords) {}

  /** @returns undefined where nobody is found. @throws SyscallError as {@link SocketRecords} are had */
  of(inode: number): FoundHolders | undefined {
    const age = milliseconds() - this.#at;
    if (age > youngerThan || (!this.#byInode.has(inode) && this.#left + age / share > 0)) this.#lookAgain(age);
    const known = this.#described.get(inode);
    if (known !== undefined) return known;
    const indexes = this.#byInode.get(inode);
    if (indexes === undefined || this.#records === undefined) return undefined;
    const found = describe(this.#records, indexes);
    this.#described.set(inode, found);
    return found;
  }

  /** @param age - milliseconds since it looked last */
  #lookAgain(age: number): void {
    const begun = milliseconds();
    this.#records = this.look();
    this.#byInode = servicesIn(this.#records);
    this.#described.clear();
    this.#at = milliseconds();
    this.#left = Math.min(mostAtOnce, this.#left + age / share) - (this.#at - begun);
  }
}

/** The records of each socket to which others connect, by its inode number. */
function servicesIn(records: SocketRecords): Map<number, number[]> {
  const services = new Map<number, number[]>();
  for (let index = 0; index < records.count; index++) {
    if ((records.flags(index) & recordFlag.ring) !== 0) continue;
    if (records.state(index) !== uapi.TCP_LISTEN && records.type(index) !== uapi.SOCK_DGRAM) continue;
    const inode = records.number(index, 'inode');
    const known = services.get(inode);
    if (known === undefined) services.set(inode, [index]);
    else known.push(index);
  }
  return services;
}

function describe(records: SocketRecords, indexes: readonly number[]): FoundHolders {
  const ids = new Map<number, bigint>();
  for (const index of indexes) ids.set(records.number(index, 'holder'), records.id(index, 'holderId'));
  const all = [...ids].sort(([one], [other]) => one - other);
  return {
    holders: all.slice(0, mostHolders).map(([pid, id]) => describeHolder(pid, id === 0n ? undefined : id)),
    more: Math.max(0, all.length - mostHolders),
  };
}

/** Its name only where the number is still that of the process that has the socket. */
function describeHolder(pid: number, pidfdId: bigint | undefined): TracedHolder {
  const comm = valueOf(
    reading(() => {
      using pidfd = openPidfd(pid);
      const name = procIsOurs() === true ? processName(pid) : undefined;
      return idOf(pidfd) === pidfdId ? name : undefined;
    }),
  );
  return {
    pid,
    ...present({ pidfdId: pidfdId === undefined ? undefined : Number(pidfdId) }),
    ...present({ comm: comm && textOf(comm) }),
  };
}
