import { fdTableOf } from './fd-table.js';
import { readProc, readProcNumbers } from './read.js';

/** A process may have a million descriptors: to count so many takes a while. */
const mostCounted = 100_000;

/**
 * How many descriptors a process may have, where it has all of them in use, so that accept(2) fails with EMFILE;
 * undefined where it has some left, or too many to count. RLIMIT_NOFILE, getrlimit(2)
 *
 * @param thread - whose descriptors are looked at, of one with a table of its own
 * @throws SyscallError ENOENT when it has ended; EACCES without PTRACE_MODE_READ
 */
export function usedUpDescriptors(pid: number, thread?: number): number | undefined {
  const limit = descriptorLimitOf(pid);
  if (limit === undefined || limit > mostCounted) return undefined;
  // The limit is of numbers: one that was lowered may have some above it
  const used = readProcNumbers(`/proc/${pid}/${fdTableOf(thread)}`).filter((fd) => fd < limit);
  return used.length === limit ? limit : undefined;
}

/**
 * How many descriptors a process may have: the soft limit. RLIMIT_NOFILE, getrlimit(2)
 *
 * @returns undefined where there is no limit
 * @throws SyscallError ENOENT when it has ended
 */
export function descriptorLimitOf(pid: number): number | undefined {
  const limits = readProc(`/proc/${pid}/limits`).toString('latin1');
  const limit = /^Max open files +(\d+) /m.exec(limits)?.[1];
  return limit === undefined ? undefined : Number(limit);
}
