import { constants } from 'node:fs';

import { Question } from '../calls/question.js';
import { openFile } from '../fd.js';
import * as libc from '../libc.js';
import { check, failedWith } from '../syscall-error.js';
import { parseCommandLine } from './process.js';

/** Bytes of a command line that are read. A process may make any memory of its own its command line: prctl(PR_SET_MM_MAP). */
export const longestCommandLine = 64 * 1024;

/**
 * Starts to read /proc/PID/cmdline, of whoever has the number now. A thread reads it, since the process can keep the
 * reader waiting for ever: it is of the process's memory, whose map it may hold locked, or keep pages of from
 * coming (FUSE, userfaultfd). fs/proc/base.c, get_mm_cmdline(). Where the C library has no setcontext(3), such as
 * musl's, it is read at once and without a limit.
 *
 * @returns gives the arguments, which the process may overwrite; none of a kernel thread or a zombie. It throws
 * SyscallError ETIMEDOUT where they do not come in time, EBUSY where too many others already did not.
 * @throws SyscallError ENOENT or ESRCH when nobody has the number
 */
export function askCommandLine(pid: number): () => Buffer[] {
  const path = `/proc/${pid}/cmdline`;
  const file = openFile(path, constants.O_RDONLY);
  const data = Buffer.allocUnsafeSlow(longestCommandLine);
  // The position and not what read(2) returned, which nobody learns
  const answer = (): Buffer[] =>
    parseCommandLine(data.subarray(0, check(libc.lseek(file.number, 0, SEEK_CUR), 'lseek', path)));
  try {
    const question = Question.ask({
      syscall: 'read',
      subject: path,
      calls: [['read', file.number, data, data.length]],
      answer,
      close: () => {
        file[Symbol.dispose]();
      },
    });
    return () => question.answer();
  } catch (error) {
    if (!failedWith(error, 'ENOSYS')) throw error;
    using direct = openFile(path, constants.O_RDONLY);
    const length = check(libc.read(direct.number, data, data.length), 'read', path);
    const args = parseCommandLine(data.subarray(0, length));
    return () => args;
  }
}

/** <unistd.h> */
const SEEK_CUR = 1;
