/** Which sockets a process has open: the links in /proc/PID/fd. proc_pid_fd(5) */
import { constants } from 'node:os';

import type { Fd } from '../fd.js';
import { close, getdents64, openat, readlinkat } from '../libc.js';
import { openPidfd, openThreadPidfd, pidfdId } from '../pidfd.js';
import { SyscallError } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { type ProcessStat, statIn } from './process.js';
import { readProcNumbers } from './read.js';

/** A process, and the sockets that it has open. */
export interface FdTable {
  readonly pid: number;
  /** The thread that has the descriptors, where the process's first thread has ended and others run on. */
  readonly thread: number | undefined;
  readonly comm: Buffer;
  /** Pins the process, or the thread, that was looked at; or the errno with which the pidfd was refused. */
  readonly pidfd: Fd | number;
  readonly pidfdId: bigint | undefined;
  /** In turn the number of a descriptor and the inode number of the socket there. */
  readonly sockets: readonly number[];
}

/** Inode numbers of sockets: a set of them, or a map that has them as its keys. */
export type Inodes = Pick<ReadonlySet<number>, 'has'>;

/** A process whose descriptors we may not see. */
export interface Forbidden {
  readonly pid: number;
  readonly comm: Buffer | undefined;
}

const { ENOENT, ESRCH, EACCES, EPERM } = constants.errno;
const openDirectory = uapi.O_DIRECTORY | uapi.O_CLOEXEC;

/**
 * Looks through the descriptors of a process. All that is told is of one
 * process, even if the number changes hands meanwhile: an open directory below
 * /proc belongs to the process, not to its number (fs/proc/base.c). As long as
 * it answers, the process has its number, so that a pidfd that was opened by
 * the number before is of this process too.
 *
 * @param wanted - only these sockets count
 * @param take - is given the table, and closes its pidfd
 * @returns undefined when the process was looked at, or is gone
 */
export function socketsOf(
  pid: number,
  wanted: Inodes | undefined,
  take: (table: FdTable) => void,
): Forbidden | undefined {
  const directory = openat(uapi.AT_FDCWD, Buffer.from(`/proc/${pid}\0`), openDirectory);
  if (directory < 0) return refused(directory, pid, undefined);
  try {
    const sockets: number[] = [];
    const found = readTable(directory, 'fd', wanted, sockets);
    if (found < 0) return refused(found, pid, directory);
    // Perhaps the process's first thread has ended, and the others have the descriptors
    const thread = found === 0 ? liveThread(pid, directory, wanted, sockets) : undefined;
    if (sockets.length === 0) return undefined;
    takeTable(pid, thread, directory, sockets, take);
    return undefined;
  } finally {
    close(directory);
  }
}

/** Whether the process has the socket open at this descriptor now. */
export function hasSocketAt(pid: number, fd: number, inode: number): boolean {
  const length = readlinkat(uapi.AT_FDCWD, Buffer.from(`/proc/${pid}/fd/${fd}\0`), link, link.length);
  return length > 0 && link.toString('latin1', 0, length) === `socket:[${inode}]`;
}

function takeTable(
  pid: number,
  thread: number | undefined,
  directory: number,
  sockets: readonly number[],
  take: (table: FdTable) => void,
): void {
  const pidfd = openPin(pid, thread);
  let stat: ProcessStat | undefined;
  try {
    // After the pidfd: it tells that the process still has its number
    stat = statIn(directory);
  } finally {
    if (stat === undefined && typeof pidfd !== 'number') pidfd[Symbol.dispose]();
  }
  if (stat === undefined) return;
  const id = typeof pidfd === 'number' ? undefined : thread === undefined ? pidfdId(pidfd) : idOf(pid);
  take({ pid, thread, comm: stat.comm, pidfd, pidfdId: id, sockets });
}

/** The pidfd id of the process, whose number the first thread keeps as long as others run. */
function idOf(pid: number): bigint | undefined {
  using process = openPidfd(pid);
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

function liveThread(pid: number, directory: number, wanted: Inodes | undefined, sockets: number[]): number | undefined {
  if (statIn(directory)?.state !== 'Z') return undefined;
  let threads: number[];
  try {
    threads = readProcNumbers(`/proc/${pid}/task`);
  } catch (error) {
    if (error instanceof SyscallError) return undefined;
    throw error;
  }
  return threads.find((thread) => thread !== pid && readTable(directory, `task/${thread}/fd`, wanted, sockets) > 0);
}

function refused(result: number, pid: number, directory: number | undefined): Forbidden | undefined {
  if (result === -ENOENT || result === -ESRCH) return undefined;
  if (result !== -EACCES && result !== -EPERM) throw new SyscallError('open', -result, `/proc/${pid}/fd`);
  const stat = directory === undefined ? undefined : statIn(directory);
  return stat?.isKernelThread === true ? undefined : { pid, comm: stat?.comm };
}

const entries = Buffer.allocUnsafeSlow(32 * 1024);
const link = Buffer.allocUnsafeSlow(64);
const prefix = 'socket:[';

/** @returns how many descriptors there are, of whatever kind, or a negated errno */
function readTable(directory: number, path: string, wanted: Inodes | undefined, sockets: number[]): number {
  const table = openat(directory, Buffer.from(`${path}\0`), openDirectory);
  if (table < 0) return table;
  let descriptors = 0;
  try {
    for (;;) {
      const length = getdents64(table, entries, entries.length);
      if (length <= 0) return length < 0 ? length : descriptors;
      for (let at = 0; at < length; at += entries.readUInt16LE(at + recordLength)) {
        const fd = numberAt(entries, at + recordName);
        if (fd === undefined) continue;
        descriptors++;
        const inode = socketAt(table, entries.subarray(at + recordName));
        // Its user may see which descriptors there are, but not of what: proc_pid_fd(5)
        if (inode === -EACCES || inode === -EPERM) return inode;
        if (inode > 0 && wanted?.has(inode) !== false) sockets.push(fd, inode);
      }
    }
  } finally {
    close(table);
  }
}

// struct linux_dirent64. getdents(2)
const recordLength = 16;
const recordName = 19;

/** @returns 0 for what is no socket; a negated errno, also for what was closed meanwhile */
function socketAt(table: number, name: Buffer): number {
  const length = readlinkat(table, name, link, link.length);
  // `s` and, at 6, `:`: no other link has both, since these are paths, `pipe:[`, `anon_inode:` …
  if (length < 0) return length;
  if (length <= prefix.length || link[0] !== 0x73 || link[6] !== 0x3a) return 0;
  return numberAt(link, prefix.length) ?? 0;
}

/** The decimal number that starts at an offset; undefined for none. */
function numberAt(bytes: Buffer, start: number): number | undefined {
  let number = 0;
  let at = start;
  for (let digit = (bytes[at] ?? 0) - 0x30; digit >= 0 && digit <= 9; digit = (bytes[++at] ?? 0) - 0x30) {
    number = 10 * number + digit;
  }
  return at === start ? undefined : number;
}
