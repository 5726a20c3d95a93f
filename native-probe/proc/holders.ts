/** Which processes have a socket open: the links in /proc/PID/fd. proc_pid_fd(5) */
import { readlinkSync } from 'node:fs';

import { failedWith, type SyscallError } from '../syscall-error.js';
import { readProcNumbers } from './read.js';
import { procHidesProcesses } from './system.js';

/** A process and the descriptors by which it has one socket open. */
export interface SocketDescriptors {
  readonly pid: number;
  readonly fds: readonly number[];
}

export interface HolderScan {
  /** For each inode that was asked for. */
  readonly bySocket: ReadonlyMap<number, readonly SocketDescriptors[]>;
  /** Processes whose descriptors we may not see. */
  readonly notSeen: readonly number[];
  /** /proc hides processes from us altogether, so that nobody can say how many. */
  readonly hidden: boolean;
  /** Processes whose descriptors were all looked at. */
  readonly seen: ReadonlySet<number>;
}

/**
 * Looks through the descriptors of every process.
 *
 * @param inodes - the sockets' inode numbers
 */
export function scanHolders(inodes: readonly number[]): HolderScan {
  const wanted = new Map(inodes.map((inode) => [`socket:[${inode}]`, inode]));
  const bySocket = new Map<number, SocketDescriptors[]>(inodes.map((inode) => [inode, []]));
  const notSeen: number[] = [];
  const seen = new Set<number>();
  for (const pid of readProcNumbers('/proc')) {
    const found = descriptorsOf(pid, wanted);
    if (found === 'forbidden') notSeen.push(pid);
    if (!(found instanceof Map)) continue;
    seen.add(pid);
    for (const [inode, fds] of found) bySocket.get(inode)?.push({ pid, fds });
  }
  return { bySocket, notSeen, hidden: procHidesProcesses(), seen };
}

/** Whether the process has the socket open at this descriptor now. */
export function hasSocketAt(pid: number, fd: number, inode: number): boolean {
  return linkOf(pid, fd) === `socket:[${inode}]`;
}

function descriptorsOf(pid: number, wanted: ReadonlyMap<string, number>): Map<number, number[]> | 'forbidden' | 'gone' {
  let fds: number[];
  try {
    fds = readProcNumbers(`/proc/${pid}/fd`);
  } catch (error) {
    if (failedWith(error, 'EACCES', 'EPERM')) return 'forbidden';
    if (isGone(error)) return 'gone';
    throw error;
  }
  const found = new Map<number, number[]>();
  for (const fd of fds) {
    const inode = wanted.get(linkOf(pid, fd) ?? '');
    if (inode === undefined) continue;
    const known = found.get(inode);
    if (known === undefined) found.set(inode, [fd]);
    else known.push(fd);
  }
  return found;
}

function isGone(error: unknown): error is SyscallError {
  return failedWith(error, 'ENOENT', 'ESRCH');
}

function linkOf(pid: number, fd: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    // closed meanwhile, or the process is gone: it holds nothing there
    return undefined;
  }
}
