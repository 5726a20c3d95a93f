/** Which processes have a socket open. */
import { socketsOf } from './fd-table.js';
import { readProcNumbers } from './read.js';
import { procHidesProcesses } from './system.js';

/** A process and the descriptors by which it has one socket open. */
export interface Holder {
  readonly pid: number;
  /** The thread that has the descriptors, where the process's first thread has ended. */
  readonly thread: number | undefined;
  readonly pidfdId: bigint | undefined;
  readonly comm: Buffer;
  readonly fds: readonly number[];
}

/** The holders of one socket, and how much was looked at to find them. */
export interface HolderScan {
  readonly holders: readonly Holder[];
  /** Processes whose descriptors we may not see. */
  readonly notSeen: readonly number[];
  /** /proc hides processes from us altogether, so that nobody can say how many. */
  readonly hidden: boolean;
  /** Processes whose descriptors were all looked at. */
  readonly seen: ReadonlySet<number>;
}

/**
 * Looks through the descriptors of every process for one socket.
 *
 * @param inode - the socket's inode number
 * @throws SyscallError without /proc
 */
export function scanHolders(inode: number): HolderScan {
  const holders: Holder[] = [];
  const notSeen: number[] = [];
  const seen = new Set<number>();
  const wanted = new Set([inode]);
  for (const pid of readProcNumbers('/proc')) {
    const forbidden = socketsOf(pid, wanted, ({ thread, comm, pidfd, pidfdId, sockets }) => {
      if (typeof pidfd !== 'number') pidfd[Symbol.dispose]();
      holders.push({ pid, thread, pidfdId, comm, fds: sockets.filter((_, index) => index % 2 === 0) });
    });
    if (forbidden === undefined) seen.add(pid);
    else notSeen.push(pid);
  }
  return { holders, notSeen, hidden: procHidesProcesses(), seen };
}
