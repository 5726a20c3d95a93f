import { SyscallError } from '../syscall-error.js';
import { threadsOf } from './fd-table.js';
import { readProc } from './read.js';

/** Threads of a process that are looked at. */
const mostThreads = 256;

/**
 * Whether a thread of a process sleeps until a local socket has room: in connect(2) for a place in a backlog, in
 * sendmsg(2) for one in the queue of a datagram receiver. proc_pid_wchan(5), proc_pid_syscall(5), which take the right
 * to trace the process; net/unix/af_unix.c, unix_wait_for_peer()
 *
 * @param fds - of the socket that waits, which the call has as its first argument
 */
export function waitsForRoom(pid: number, fds: readonly number[]): boolean {
  return threadsOf(pid)
    .slice(0, mostThreads)
    .some((thread) => {
      const path = `/proc/${pid}/task/${thread}`;
      try {
        if (!readProc(`${path}/wchan`).toString('latin1').startsWith('unix_wait_for_peer')) return false;
        const [, first = ''] = readProc(`${path}/syscall`).toString('latin1').split(' ');
        return fds.includes(Number(first));
      } catch (error) {
        // It ended, or may not be seen
        if (error instanceof SyscallError) return false;
        throw error;
      }
    });
}
