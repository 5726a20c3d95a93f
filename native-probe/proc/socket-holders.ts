/** Which processes have a socket open. */
import { type FdTable, socketsOf } from './fd-table.js';
import { hiddenSocketsOf } from './hidden-sockets.js';
import type { Activity } from './process-activity.js';
import { heldProcesses, processNumbers } from './held-processes.js';
import { procHidesProcesses } from './system.js';

/** A process and the descriptors by which it has one socket open. */
export interface Holder {
  readonly pid: number;
  /**
   * The thread that has the descriptors: where the process's first thread has ended, or where it has a table of
   * descriptors of its own. Of several such threads, the first.
   */
  readonly thread: number | undefined;
  /** The descriptor of the io_uring instance with which the socket is registered, where it has no descriptor itself. */
  readonly ring?: number | undefined;
  readonly pidfdId: bigint | undefined;
  readonly comm: Buffer;
  /** What keeps the process from going on; undefined where nothing is seen to. */
  readonly activity?: Activity | undefined;
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
  /** The descriptors of io_uring instances, by process. */
  readonly rings: ReadonlyMap<number, readonly number[]>;
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
  const rings = new Map<number, readonly number[]>();
  const wanted = new Set([inode]);
  for (const pid of processNumbers()) {
    const forbidden = socketsOf(
      pid,
      wanted,
      (table) => {
        holders.push(holderIn(table));
      },
      (fds) => rings.set(pid, fds),
    );
    if (forbidden === undefined) seen.add(pid);
    else notSeen.push(pid);
  }
  return { holders, notSeen: [...notSeen, ...heldProcesses()], hidden: procHidesProcesses(), seen, rings };
}

/** Holders that /proc/PID/fd does not show, and how many processes have more than is looked at. */
export interface HiddenHolders {
  readonly holders: readonly Holder[];
  readonly cut: number;
}

/** Looks for a socket of which {@link scanHolders} found no holder where /proc/PID/fd does not show it. */
export function scanHiddenHolders(inode: number, { seen, rings }: Pick<HolderScan, 'seen' | 'rings'>): HiddenHolders {
  const holders: Holder[] = [];
  const wanted = new Set([inode]);
  let cut = 0;
  for (const pid of seen) {
    const isWhole = hiddenSocketsOf(pid, rings.get(pid) ?? [], wanted, (table) => {
      const holder = holderIn(table);
      if (holders.at(-1)?.pid !== pid) holders.push(holder);
    });
    if (!isWhole) cut++;
  }
  return { holders, cut };
}

/** The same in one process, of which {@link scanHolders} found nothing. */
export function scanHiddenHoldersIn(pid: number, inode: number): HiddenHolders {
  const rings = new Map<number, readonly number[]>();
  socketsOf(
    pid,
    new Set(),
    () => undefined,
    (fds) => rings.set(pid, fds),
  );
  return scanHiddenHolders(inode, { seen: new Set([pid]), rings });
}

function holderIn({ pid, thread, ring, comm, activity, pidfd, pidfdId, sockets }: FdTable): Holder {
  if (typeof pidfd !== 'number') pidfd[Symbol.dispose]();
  const fds = ring === undefined ? sockets.filter((_, index) => index % 2 === 0) : [];
  return { pid, thread, ring, pidfdId, comm, activity, fds };
}
