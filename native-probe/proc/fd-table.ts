/** Which sockets a process has open: the links in /proc/PID/fd. proc_pid_fd(5) */
import { constants } from 'node:os';

import type { Fd } from '../fd.js';
import { close, openat } from '../libc.js';
import { openPidfd, openThreadPidfd, pidfdId } from '../pidfd.js';
import { failedWith, SyscallError } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { type Inodes, type Links, linksTo, openDirectory, readLinks } from './descriptor-links.js';
import { hasNoDescriptors } from './no-descriptors.js';
import { type Activity, activityOf } from './process-activity.js';
import { processCgroups, type ProcessStat, statIn } from './process.js';
import { readProcNumbers } from './read.js';

/** A process, and the sockets that it has open. */
export interface FdTable {
  readonly pid: number;
  /** The thread that has the descriptors, where the first has ended and others run on, or where it has its own table. */
  readonly thread: number | undefined;
  /** The descriptor of the io_uring instance with which the sockets are registered, which then have none. */
  readonly ring: number | undefined;
  readonly comm: Buffer;
  /** What keeps it from going on; undefined where nothing is seen to. */
  readonly activity: Activity | undefined;
  /** Pins the process, or the thread, that was looked at; or the errno with which the pidfd was refused. */
  readonly pidfd: Fd | number;
  readonly pidfdId: bigint | undefined;
  /** In turn the number of a descriptor, or -1 for a registered socket, and the inode number of the socket there. */
  readonly sockets: readonly number[];
}

/** A process whose descriptors we may not see. */
export interface Forbidden {
  readonly pid: number;
  readonly comm: Buffer | undefined;
}

const { ENOENT, ESRCH, EACCES, EPERM } = constants.errno;

/**
 * Looks through the descriptors of a process. All that is told is of one
 * process, even if the number changes hands meanwhile: an open directory below
 * /proc belongs to the process, not to its number (fs/proc/base.c). As long as
 * it answers, the process has its number, so that a pidfd that was opened by
 * the number before is of this process too.
 *
 * @param wanted - only these sockets count
 * @param take - is given the table, and closes its pidfd
 * @param takeRings - is given the descriptors of io_uring instances, if there are any
 * @returns undefined when the process was looked at, or is gone
 */
export function socketsOf(
  pid: number,
  wanted: Inodes | undefined,
  take: (table: FdTable) => void,
  takeRings: (fds: readonly number[]) => void,
): Forbidden | undefined {
  if (hasNoDescriptors(pid)) return undefined;
  const directory = openat(uapi.AT_FDCWD, Buffer.from(`/proc/${pid}\0`), openDirectory);
  if (directory < 0) return refused(directory, pid, undefined);
  try {
    const links: Links = { sockets: [], rings: [] };
    const found = readLinks(directory, 'fd', wanted, links);
    if (found < 0) return refused(found, pid, directory);
    // Perhaps the process's first thread has ended, and the others have the descriptors
    const thread = found === 0 ? liveThread(pid, directory, wanted, links) : undefined;
    // A ring of that thread is found when all threads are looked at: hidden-sockets.ts
    if (links.rings.length > 0 && thread === undefined) takeRings(links.rings);
    if (links.sockets.length > 0) takeTable({ pid, thread, ring: undefined, sockets: links.sockets }, directory, take);
    return undefined;
  } finally {
    close(directory);
  }
}

/** Whether a holder of a socket has it still; of an io_uring instance, whether that is there. */
export function stillHas(
  {
    pid,
    thread,
    ring,
    fds,
  }: { pid: number; thread?: number | undefined; ring?: number | undefined; fds: readonly number[] },
  inode: number,
): boolean {
  const table = `/proc/${pid}/${fdTableOf(thread)}`;
  if (ring !== undefined) return linksTo(uapi.AT_FDCWD, `${table}/${ring}`, 'io_uring');
  return fds.some((fd) => linksTo(uapi.AT_FDCWD, `${table}/${fd}`, inode));
}

/** Where below /proc/PID a table of descriptors is: the process's, or that of a thread which has its own. */
export function fdTableOf(thread: number | undefined): string {
  return thread === undefined ? 'fd' : `task/${thread}/fd`;
}

/** Pins the process whose directory below /proc is open, and gives its table away; unless it has ended. */
export function takeTable(
  found: Pick<FdTable, 'pid' | 'thread' | 'ring' | 'sockets'>,
  directory: number,
  take: (table: FdTable) => void,
): void {
  const { pid, thread } = found;
  const pidfd = openPin(pid, thread);
  let stat: ProcessStat | undefined;
  let id: bigint | undefined;
  try {
    id = thread !== undefined ? idOf(pid) : typeof pidfd === 'number' ? undefined : pidfdId(pidfd);
    // After the pidfds: it tells that the process still has its number
    stat = statIn(directory);
  } finally {
    if (stat === undefined && typeof pidfd !== 'number') pidfd[Symbol.dispose]();
  }
  if (stat === undefined) return;
  take({ ...found, comm: stat.comm, activity: activityIn(directory, stat), pidfd, pidfdId: id });
}

/** As {@link takeTable}, of a process that is known by its pidfd id, too; unless it has ended, or may not be looked at. */
export function takeTableOf(
  found: Pick<FdTable, 'pid' | 'thread' | 'ring' | 'sockets' | 'pidfdId'>,
  take: (table: FdTable) => void,
): void {
  const { pid, pidfdId: id } = found;
  const directory = openat(uapi.AT_FDCWD, Buffer.from(`/proc/${pid}\0`), openDirectory);
  if (directory < 0) return;
  try {
    takeTable(found, directory, (table) => {
      if (table.pidfdId === id || typeof table.pidfd === 'number') take(table);
      // The number is another process's by now
      else table.pidfd[Symbol.dispose]();
    });
  } finally {
    close(directory);
  }
}

/** Pins a process that was looked at before, and gives its table away as it was; unless the process, or the thread, has ended. */
export function takeTableAgain(table: Omit<FdTable, 'pidfd'>, take: (table: FdTable) => void): void {
  const { pid, thread, pidfdId: id } = table;
  const pidfd = openPin(pid, thread);
  if (typeof pidfd === 'number') {
    if (pidfd !== ESRCH) take({ ...table, pidfd });
    return;
  }
  let isSame = false;
  try {
    // The number may be another process's by now
    isSame = id === (thread === undefined ? pidfdId(pidfd) : idOf(pid));
  } finally {
    if (!isSame) pidfd[Symbol.dispose]();
  }
  if (isSame) take({ ...table, pidfd });
}

/** Whether its cgroup is frozen may be hidden, or it may end now: then nothing was seen. */
function activityIn(directory: number, stat: ProcessStat): Activity | undefined {
  try {
    return activityOf(stat, () => processCgroups(`self/fd/${directory}`));
  } catch (error) {
    if (error instanceof SyscallError) return undefined;
    throw error;
  }
}

/** The pidfd id of the process, whose number the first thread keeps as long as others run. */
function idOf(pid: number): bigint | undefined {
  const pidfd = openPin(pid, undefined);
  if (typeof pidfd === 'number') return undefined;
  using process = pidfd;
  return pidfdId(process);
}

/** Opens a pidfd for pidfd_getfd(2), which takes descriptors of the very thread that is opened. @returns or an errno */
function openPin(pid: number, thread: number | undefined): Fd | number {
  try {
    return thread === undefined ? openPidfd(pid) : openThreadPidfd(thread);
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    return error.errno;
  }
}

function liveThread(pid: number, directory: number, wanted: Inodes | undefined, links: Links): number | undefined {
  if (statIn(directory)?.state !== 'Z') return undefined;
  return threadsOf(pid).find((thread) => thread !== pid && readLinks(directory, fdTableOf(thread), wanted, links) > 0);
}

/** The numbers of a process's threads; none when it has ended. */
export function threadsOf(pid: number): number[] {
  try {
    return readProcNumbers(`/proc/${pid}/task`);
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return [];
    throw error;
  }
}

function refused(result: number, pid: number, directory: number | undefined): Forbidden | undefined {
  if (result === -ENOENT || result === -ESRCH) return undefined;
  if (result !== -EACCES && result !== -EPERM) throw new SyscallError('open', -result, `/proc/${pid}/fd`);
  const stat = directory === undefined ? undefined : statIn(directory);
  return stat?.isKernelThread === true ? undefined : { pid, comm: stat?.comm };
}
