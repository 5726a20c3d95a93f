/**
 * Which processes have no descriptors at all, as most entries of /proc, which are threads of the kernel: that takes two
 * calls, and a look at them nine.
 */
import { statx } from '../libc.js';
import { uapi } from '../uapi.js';

/**
 * Whether a process has none, and no thread but the first, which may have ended before others that have some. False where
 * that is not known: before Linux 6.2 the length of /proc/PID/fd is 0 for all. fs/proc/fd.c
 */
export function hasNoDescriptors(pid: number): boolean {
  lengthIsNumber ??= sizeOf('/proc/self/fd') > 0n;
  // A link more for each thread than a directory has anyway. fs/proc/base.c: proc_task_getattr()
  return lengthIsNumber && sizeOf(`/proc/${pid}/fd`) === 0n && linksOf(`/proc/${pid}/task`) <= 3;
}

let lengthIsNumber: boolean | undefined;

const answer = Buffer.alloc(256);

/** Of struct statx. @returns -1 where it cannot be asked, such as of a process that has ended */
function sizeOf(path: string): bigint {
  return asks(path) ? answer.readBigInt64LE(40) : -1n;
}

/** Likewise; Infinity where it cannot be asked. */
function linksOf(path: string): number {
  return asks(path) ? answer.readUInt32LE(16) : Infinity;
}

function asks(path: string): boolean {
  const { AT_FDCWD, AT_STATX_DONT_SYNC, STATX_BASIC_STATS } = uapi;
  return statx(AT_FDCWD, Buffer.from(`${path}\0`), AT_STATX_DONT_SYNC, STATX_BASIC_STATS, answer) === 0;
}
