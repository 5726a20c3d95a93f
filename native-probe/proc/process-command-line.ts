import { constants } from 'node:fs';

import { type Asked, Question } from '../calls/question.js';
import { type Fd, openFile } from '../fd.js';
import * as libc from '../libc.js';
import { check, failedWith } from '../syscall-error.js';
import { parseCommandLine } from './process.js';

/** Bytes of a command line that are read. A process may make any memory of its own its command line: prctl(PR_SET_MM_MAP). */
export const longestCommandLine = 64 * 1024;

/** What was read of a command line. */
export interface ReadCommandLine {
  /** Where the command line was cut, the last may be cut too. */
  readonly args: readonly Buffer[];
  /** It has more than {@link longestCommandLine}. */
  readonly isCut: boolean;
}

/** A command line that was asked for. */
export interface AskedCommandLine {
  /**
   * The arguments, which the process may overwrite; none of a kernel thread or a zombie.
   *
   * @throws SyscallError ETIMEDOUT where they do not come in time
   */
  answer(): ReadCommandLine;
  /** As {@link Question.takeWithin}. */
  takeWithin(milliseconds: number): void;
  /** Waits without holding up this thread, and gives up after so many milliseconds. */
  waitFor(timeout: number): Promise<void>;
}

/**
 * Starts to read /proc/PID/cmdline, of whoever has the number now. A thread reads it, since the process can keep the
 * reader waiting for ever: it is of the process's memory, whose map it may hold locked, or keep pages of from
 * coming (FUSE, userfaultfd). fs/proc/base.c, get_mm_cmdline(). Where the C library has no setcontext(3), such as
 * musl's, it is read at once and without a limit.
 *
 * @param atOnce - as {@link Question.askAtOnce}
 * @throws SyscallError ENOENT or ESRCH when nobody has the number; EBUSY where too many do not answer
 */
export function askCommandLine(pid: number, atOnce = false): AskedCommandLine {
  const path = `/proc/${pid}/cmdline`;
  const file = openFile(path, constants.O_RDONLY);
  const position = positionOf(file);
  const question: Asked<ReadCommandLine> = {
    syscall: 'read',
    subject: path,
    calls: (into) => [
      ['read', file.number, into, longestCommandLine + 1],
      ['read', position.number, into.fill(0, positionAt).subarray(positionAt), positionRoom],
    ],
    answer: (from) => readIn(from, positionIn(from.toString('latin1', positionAt, positionAt + positionRoom))),
    descriptors: [file, position],
  };
  try {
    return atOnce ? Question.askAtOnce(question) : Question.ask(question);
  } catch (error) {
    if (!failedWith(error, 'ENOSYS')) throw error;
    using direct = openFile(path, constants.O_RDONLY);
    const data = Buffer.allocUnsafe(longestCommandLine + 1);
    const length = check(libc.read(direct.number, data, data.length), 'read', path);
    const read = readIn(data, length);
    return { answer: () => read, takeWithin: () => undefined, waitFor: () => Promise.resolve() };
  }
}

function readIn(data: Buffer, length: number): ReadCommandLine {
  const args = parseCommandLine(Buffer.from(data.subarray(0, Math.min(length, longestCommandLine))));
  return { args, isCut: length > longestCommandLine };
}

/** What read(2) in another thread returned nobody learns, but the position afterwards tells it. proc_pid_fdinfo(5) */
function positionOf(file: Fd): Fd {
  try {
    return openFile(`/proc/self/fdinfo/${file.number}`, constants.O_RDONLY);
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}

const [positionAt, positionRoom] = [longestCommandLine + 1, 64];

function positionIn(fdinfo: string): number {
  return Number(/^pos:\t(\d+)/.exec(fdinfo)?.[1] ?? 0);
}
