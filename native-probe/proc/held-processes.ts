/**
 * Processes that keep whoever looks at them waiting: one that sleeps in the middle of execve(2), while the kernel closes a
 * file of a FUSE of its own that never answers, holds its exec_update_lock. fs/exec.c, begin_new_exec(). pidfd_getfd(2)
 * and kcmp(2) wait for that, and on 6.18.44 nearly all of /proc/PID: stat, fd, exe, cwd and ns.
 */
import { constants } from 'node:os';

import { sharesOurDescriptors } from '../calls/calling-child.js';
import { Question } from '../calls/question.js';
import * as libc from '../libc.js';
import { goesOn, isWatched } from '../going-on.js';
import { failedWith, SyscallError } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { heldAmong } from './held-among.js';
import { readProcNumbers } from './read.js';
import { milliseconds } from '../monotonic-clock.js';

/** So long a look at all of them holds for each. Milliseconds. */
const fresh = 1000;
/** Before it is asked again. Milliseconds. */
const pause = 25;
let isHeldUp = false;
let lookedAt = -Infinity;
let held: ReadonlySet<number> = new Set();

/**
 * The processes that there are, without those that are held, and without our own that have our descriptors. Where
 * whoever is kept waiting starts over (calls/starting-over.ts) nobody is left out, until that happened.
 *
 * @throws SyscallError without /proc
 */
export function processNumbers(): number[] {
  const numbers = readProcNumbers('/proc');
  if (leavesOut() && !isFresh()) {
    held = allAnswer() ? new Set() : heldAmong(numbers);
    lookedAt = milliseconds();
  }
  return numbers.filter((pid) => !held.has(pid) && !sharesOurDescriptors(pid));
}

/** Leaves out those that are held also where whoever is kept waiting starts over: that was once. */
export function leaveOutHeld(): void {
  isHeldUp = true;
}

function leavesOut(): boolean {
  return isHeldUp || !isWatched();
}

/** Those that {@link processNumbers} left out. */
export function heldProcesses(): ReadonlySet<number> {
  return held;
}

/** Whether a process keeps whoever looks at it waiting; as {@link processNumbers}. */
export function isHeld(pid: number): boolean {
  return leavesOut() ? isKnownToBeHeld(pid) : held.has(pid);
}

/** @throws SyscallError ETIMEDOUT where it keeps whoever looks at it waiting */
export function refuseHeld(pid: number, syscall: string): void {
  if (isKnownToBeHeld(pid))
    throw new SyscallError(syscall, constants.errno.ETIMEDOUT, `of process ${pid}, which sleeps in execve(2)`);
}

/** By the last look at all, or where that is too long ago by one of its own. */
function isKnownToBeHeld(pid: number): boolean {
  return isFresh() ? held.has(pid) : isHeldNow(pid);
}

function isFresh(): boolean {
  return milliseconds() - lookedAt <= fresh;
}

/** Looks at all processes by one call, glob(3), which costs next to nothing where none is held. */
function allAnswer(): boolean {
  return hasAnswer(() =>
    Question.ask({
      syscall: 'glob',
      subject: '/proc',
      calls: (into) => {
        into.fill(0, 0, patternAt);
        into.write('/proc/[0-9]*/ns/user\0', patternAt);
        return [['glob', into.subarray(patternAt), GLOB_MARK | GLOB_NOSORT, 0, into.subarray(0, patternAt)]];
      },
      answer: (from) => {
        libc.callByName('globfree', [libc.addressOfBuffer(from)]);
      },
    }),
  );
}

/** Not by one answer that was late: on a busy machine a thread may not get its turn in the short time that is given. */
function isHeldNow(pid: number): boolean {
  const answers = (): boolean =>
    hasAnswer(() =>
      Question.ask({
        syscall: 'kcmp',
        subject: String(pid),
        calls: () => [['syscall', uapi.NR_kcmp, pid, pid, uapi.KCMP_FILES, 0, 0]],
        answer: () => undefined,
      }),
    );
  for (let tries = 0; tries < 3; tries++) {
    if (answers()) return false;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
  }
  return true;
}

/** @returns true also where it cannot be asked: without setcontext(3) or a thread */
function hasAnswer(ask: () => Question<undefined> | Question<void>): boolean {
  goesOn();
  try {
    ask().answer();
    return true;
  } catch (error) {
    // EBUSY: too many did not answer for one more to be asked
    if (failedWith(error, 'ETIMEDOUT', 'EBUSY')) return false;
    if (failedWith(error, 'ENOSYS', 'EAGAIN')) return true;
    throw error;
  }
}

/** Behind a glob_t, which is 72 bytes. <glob.h> */
const patternAt = 128;
const [GLOB_MARK, GLOB_NOSORT] = [2, 4];
