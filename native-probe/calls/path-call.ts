/**
 * Calls that look up a path that others choose, and do something there: a file system that is not of this machine need
 * never answer. Each is made by a child that may be given up.
 */
import type { Fd } from '../fd.js';
import { failedWith, SyscallError } from '../syscall-error.js';
import { askChild } from './asking-child.js';
import type { LibraryCall } from './call-chain.js';

/** A call, and what it takes. */
export interface PathCall {
  /** What an error calls the path. */
  readonly subject: string;
  /** Of the child, in which the descriptors are 1 and up. Paths end with a NUL. */
  readonly call: LibraryCall;
  readonly descriptors?: readonly Fd[];
  /** The same from here, for a C library without setcontext(3), where there is no such care. */
  readonly direct: () => void;
}

/**
 * Makes one call in a child.
 *
 * @throws SyscallError as the call; of stat, ETIMEDOUT where it is not answered in time, and EBUSY where too many others
 * were not
 */
export function callAtPath({ subject, call, descriptors = [], direct }: PathCall): void {
  let failed: number;
  try {
    failed = askChild({ subject, descriptors, calls: [call], answers: [] }).errno;
  } catch (error) {
    if (!failedWith(error, 'ENOSYS')) throw error;
    direct();
    return;
  }
  if (failed !== 0) throw new SyscallError(call[0], failed, subject);
}
