/**
 * Sockets that a process has and that /proc/PID/fd does not show: in a thread's own table of descriptors, or registered
 * with an io_uring instance and closed since.
 */
import { shareDescriptors } from '../kcmp.js';
import { close, openat } from '../libc.js';
import { failedWith } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { type Inodes, type Links, linksTo, openDirectory, readLinks } from './descriptor-links.js';
import { type FdTable, fdTableOf, takeTable, threadsOf } from './fd-table.js';
import { registeredSockets } from './fdinfo.js';
import { longestProcFile } from './read.js';

/** What is looked at of one process at most: it may have made any number of them to keep the one who looks busy. */
export const mostHidden = { threads: 10_000, descriptors: 50_000, rings: 64, ringBytes: longestProcFile };

/** A table in which io_uring instances were seen. */
interface Rings {
  readonly thread: number | undefined;
  readonly fds: readonly number[];
}

/**
 * Looks where /proc/PID/fd does not show sockets. A process or thread that ends meanwhile has none.
 *
 * @param rings - the descriptors of io_uring instances in /proc/PID/fd
 * @param wanted - only these sockets count
 * @param take - is given what each thread and each instance has, and closes its pidfd
 * @returns whether all was looked at, and not only the most that is
 */
export function hiddenSocketsOf(
  pid: number,
  rings: readonly number[],
  wanted: Inodes,
  take: (table: FdTable) => void,
): boolean {
  const directory = openat(uapi.AT_FDCWD, Buffer.from(`/proc/${pid}\0`), openDirectory);
  if (directory < 0) return true;
  try {
    const found: Rings[] = [{ thread: undefined, fds: rings }];
    const wholeThreads = lookAtThreads(pid, directory, wanted, take, found);
    const wholeRings = lookAtRings(pid, directory, wanted, take, found);
    return wholeThreads && wholeRings;
  } finally {
    close(directory);
  }
}

function lookAtThreads(
  pid: number,
  directory: number,
  wanted: Inodes,
  take: (table: FdTable) => void,
  rings: Rings[],
): boolean {
  const threads = threadsOf(pid);
  let left = mostHidden.descriptors;
  // Where the first thread has ended, the others have another table than it, and as a rule one together
  let last = pid;
  for (const thread of threads.slice(0, mostHidden.threads)) {
    if (thread === pid || shareDescriptors(pid, thread) === true || shareDescriptors(last, thread) === true) continue;
    last = thread;
    const links: Links = { sockets: [], rings: [] };
    left -= Math.max(0, readLinks(directory, fdTableOf(thread), wanted, links, left));
    const { sockets, rings: fds } = links;
    if (sockets.length > 0) takeTable({ pid, thread, ring: undefined, sockets }, directory, take);
    if (fds.length > 0) rings.push({ thread, fds });
    if (left < 0) return false;
  }
  return threads.length <= mostHidden.threads;
}

function lookAtRings(
  pid: number,
  directory: number,
  wanted: Inodes,
  take: (table: FdTable) => void,
  rings: readonly Rings[],
): boolean {
  let [left, bytes] = [mostHidden.rings, mostHidden.ringBytes];
  for (const { thread, fds } of rings) {
    for (const ring of fds) {
      if (left-- === 0 || bytes <= 0) return false;
      if (!linksTo(directory, `${fdTableOf(thread)}/${ring}`, 'io_uring')) continue;
      const registered = unlessGone(() => registeredSockets(infoIn(directory, thread, ring)));
      if (registered === undefined) continue;
      bytes -= registered.bytes;
      const sockets = [...new Set(registered.inodes)]
        .filter((inode) => wanted.has(inode))
        .flatMap((inode) => [-1, inode]);
      if (sockets.length > 0) takeTable({ pid, thread, ring, sockets }, directory, take);
    }
  }
  return bytes > 0;
}

/**
 * Asked of an io_uring instance and of a socket only, which never wait: an epoll instance's takes a mutex that a hostile
 * process can hold for as long as it likes. What remains is the moment between readlink(2) of the descriptor and
 * read(2) of this, in which another file can get its number.
 */
function infoIn(directory: number, thread: number | undefined, fd: number): string {
  return `/proc/self/fd/${directory}/${fdTableOf(thread)}info/${fd}`;
}

function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    // EACCES and EPERM: by execve(2) it has become one that we may not look into
    if (failedWith(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return undefined;
    throw error;
  }
}
