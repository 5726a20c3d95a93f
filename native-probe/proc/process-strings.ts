/** What a process has in its memory as strings, and may overwrite: its command line and its environment. proc_pid_cmdline(5), proc_pid_environ(5) */
import { constants } from 'node:fs';

import { type Asked, Question } from '../calls/question.js';
import { type Fd, openFile } from '../fd.js';
import * as libc from '../libc.js';
import { check, failedWith, Refused, SyscallError } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { parseCommandLine } from './process.js';

/** Bytes that are read of them. A process may make any memory of its own its command line, or its environment: prctl(PR_SET_MM_MAP). */
export const longestStrings = 64 * 1024;

/** What was read of them. */
export interface ReadStrings {
  /** Where they were cut, the last may be cut too. */
  readonly strings: readonly Buffer[];
  /** There are more than {@link longestStrings}. */
  readonly isCut: boolean;
}

/** What comes of the question. */
export type AnsweredStrings = ReadStrings | Refused;

/** Strings that were asked for. */
export interface AskedStrings {
  /**
   * The arguments, or `NAME=value`; none of a kernel thread or a zombie.
   *
   * @throws SyscallError ETIMEDOUT where they do not come in time
   */
  answer(): ReadStrings;
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
export function askCommandLine(pid: number, atOnce = false): AskedStrings {
  return ask(stringsQuestion(pid, 'cmdline'), atOnce);
}

/**
 * As {@link askCommandLine}, what it was started with: proc_pid_environ(5).
 *
 * @throws SyscallError also EACCES where its memory may not be read
 */
export function askEnvironment(pid: number): AskedStrings {
  return ask(stringsQuestion(pid, 'environ'), false);
}

function ask(asked: ReturnType<typeof stringsQuestion>, atOnce: boolean): AskedStrings {
  try {
    return stringsFrom(atOnce ? Question.askAtOnce(asked) : Question.ask(asked));
  } catch (error) {
    if (!failedWith(error, 'ENOSYS')) throw error;
    using direct = openFile(asked.subject, constants.O_RDONLY);
    const data = Buffer.allocUnsafe(longestStrings + 1);
    const length = check(libc.read(direct.number, data, data.length), 'read', asked.subject);
    const read = readIn(data, length);
    return { answer: () => read, takeWithin: () => undefined, waitFor: () => Promise.resolve() };
  }
}

/** What is asked, of whoever has the number now. @throws SyscallError ENOENT or ESRCH when nobody has it */
export function stringsQuestion(
  pid: number,
  name: 'cmdline' | 'environ',
): Asked<AnsweredStrings> & { readonly descriptors: readonly Fd[] } {
  const path = `/proc/${pid}/${name}`;
  const file = openFile(path, constants.O_RDONLY);
  return {
    syscall: 'read',
    subject: path,
    calls: (into, errno) => [
      ['read', file.number, into, longestStrings + 1],
      ['ioctl', file.number, uapi.FIONREAD, into.subarray(leftAt, errnoAt)],
      ['memcpy', into.subarray(errnoAt, errnoAt + 4), errno, 4],
    ],
    repeated: {
      kind,
      firsts: [file.number, file.number, undefined],
      ready: (into) => into.writeInt32LE(untold, leftAt),
    },
    answer: (from) => {
      const left = from.readInt32LE(leftAt);
      return left === untold ? new Refused('ioctl(FIONREAD)', from.readInt32LE(errnoAt), path) : readIn(from, -left);
    },
    descriptors: [file],
  };
}

/** The answer to {@link stringsQuestion}. */
export function stringsFrom(question: Question<AnsweredStrings>): AskedStrings {
  return {
    answer: () => required(question.answer()),
    takeWithin: (milliseconds) => {
      question.takeWithin(milliseconds);
    },
    waitFor: (timeout) => question.waitFor(timeout),
  };
}

function readIn(data: Buffer, length: number): ReadStrings {
  const strings = parseCommandLine(Buffer.from(data.subarray(0, Math.min(length, longestStrings))));
  return { strings, isCut: length > longestStrings };
}

function required(answer: AnsweredStrings): ReadStrings {
  if (answer instanceof Refused) throw new SyscallError(answer.syscall, answer.errno, answer.subject);
  return answer;
}

/**
 * What read(2) in another thread returned nobody learns. How much is left to read tells it: of a file of /proc, which has
 * no size, that is less than nothing by what was read. fs/ioctl.c, FIONREAD of a regular file
 */
const [leftAt, errnoAt] = [longestStrings + 4, longestStrings + 8];
const untold = 1;
const kind = Symbol('strings');
