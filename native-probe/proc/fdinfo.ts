import type { Fd } from '../fd.js';
import { readProc } from './read.js';

/** What /proc/self/fdinfo says of a pidfd. pidfd_show_fdinfo() in fs/pidfs.c, before Linux 6.9 in kernel/fork.c */
export interface PidfdNumbers {
  /** In the PID namespace of the /proc mount; 0 when the process has no number there, -1 when it is reaped. */
  readonly pid: number;
  /** The number in each PID namespace, from that of the /proc mount inwards. */
  readonly namespacePids: readonly number[];
}

/**
 * The numbers of the process that a pidfd pins. They are numbers of the PID
 * namespace of the /proc mount, which need not be ours.
 *
 * @throws SyscallError ENOENT without /proc
 */
export function pidfdNumbers(pidfd: Fd): PidfdNumbers {
  const text = readProc(`/proc/self/fdinfo/${pidfd.number}`).toString('latin1');
  const numbers = (name: string): number[] => {
    const match = new RegExp(`^${name}:\\t(.*)$`, 'm').exec(text)?.[1];
    return match === undefined ? [] : match.trim().split(/\s+/).map(Number);
  };
  return { pid: numbers('Pid')[0] ?? -1, namespacePids: numbers('NSpid') };
}

/**
 * The sockets that are registered with an io_uring instance, by their inode numbers. io_uring/fdinfo.c of Linux 6.18
 * tells them while nobody else has the instance locked, and does not wait. It escapes the names of files, so that none
 * passes for another line. Kernels that tell the bare name of a file instead (6.12 still did) tell nothing of sockets
 * there, and a file that is named as a socket passes for one: only of a process that wants to be taken for a holder.
 *
 * @param path - of the instance's fdinfo
 * @returns also how many bytes were read, of which no more than {@link longestProcFile} are
 * @throws SyscallError ENOENT when it is closed, or its process has ended; EACCES
 */
export function registeredSockets(path: string): { readonly inodes: readonly number[]; readonly bytes: number } {
  const text = readProc(path).toString('latin1');
  const inodes = Array.from(text.matchAll(/^ *\d+: socket:\[(\d+)\]$/gm), ([, inode]) => Number(inode));
  return { inodes, bytes: text.length };
}

/**
 * How many descriptors wait in a socket's queue, in messages that nobody has received yet; of a listener, in those of
 * clients that it has not accepted. Linux 5.8: net/unix/af_unix.c, unix_show_fdinfo().
 *
 * @param path - of the socket's fdinfo
 * @throws SyscallError ENOENT when it is closed, or its process has ended; EACCES
 */
export function descriptorsInQueue(path: string): number {
  return Number(/^scm_fds: (\d+)$/m.exec(readProc(path).toString('latin1'))?.[1] ?? 0);
}
