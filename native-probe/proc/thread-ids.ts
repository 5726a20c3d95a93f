/** The ids of a process's threads: each has its own for the kernel (setresuid(2) as a bare call), as Samba and NFS servers use them. */
import type { Ids } from '../pidfd.js';
import { SyscallError } from '../syscall-error.js';
import { processStatus } from './process.js';
import { readProcNumbers } from './read.js';

/** One thread. */
export interface ThreadIds {
  readonly thread: number;
  readonly uids: Ids;
  readonly gids: Ids;
}

/** More threads are not looked at. */
export const mostThreads = 256;

/**
 * The ids of the threads of whichever process has the number, of those that have not ended meanwhile.
 *
 * @returns the threads, and whether these are all
 * @throws SyscallError ENOENT when the process has ended
 */
export function threadIdsOf(pid: number): { readonly threads: readonly ThreadIds[]; readonly isWhole: boolean } {
  const numbers = readProcNumbers(`/proc/${pid}/task`);
  const threads: ThreadIds[] = [];
  for (const thread of numbers.slice(0, mostThreads)) {
    try {
      const { uids, gids } = processStatus(`${pid}/task/${thread}`);
      threads.push({ thread, uids, gids });
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      // It has ended
      if (error.code !== 'ENOENT' && error.code !== 'ESRCH') throw error;
    }
  }
  return { threads, isWhole: numbers.length <= mostThreads };
}
