import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import * as libc from '../libc.js';
import { failedWith, SyscallError } from '../syscall-error.js';
import type { LibraryCall } from './call-chain.js';
import { CallingThread } from './calling-thread.js';
import { milliseconds } from '../monotonic-clock.js';

/** How long an answer is waited for, from when it was asked for. Those of local files take microseconds. Milliseconds. */
const limit = 1000;

/** How long answers are waited for in so many milliseconds, all together: a slow service has many names to give. */
const limitOfAll = 3000;
const inTime = 20_000;

/**
 * Of an answer, for a group with all its members; and of a stack, since what a module of the name service switch takes
 * is not known. Both are touched as far as they are used.
 */
const memory = { answer: 1024 * 1024, stack: 1024 * 1024 };

/** What is asked of the databases of users and groups. */
export interface Lookup<T> {
  /** The function, for the error of an answer that does not come. */
  readonly call: string;
  readonly subject: string;
  /** @param into - memory of 1 MiB, of which the first 64 bytes are zero */
  readonly args: (into: Buffer) => readonly (number | Buffer)[];
  readonly answer: (from: Buffer) => T;
  /** Called with the answer, whenever it comes. */
  readonly came?: (value: T) => void;
}

/**
 * The databases of users and groups may be far away, and a module of theirs (sssd, LDAP) may never answer: nsswitch.conf(5).
 * They are asked by a thread that can be given up. There is one, and one question at a time: the modules have locks, so
 * that behind a question without an answer a second would wait as well.
 */
let thread: CallingThread | undefined;
let underWay: { readonly finish: () => void; readonly asked: number } | undefined;

/** When was waited, and for how long. */
let waits: { readonly until: number; readonly milliseconds: number }[] = [];

/**
 * Asks, and waits for the answer.
 *
 * @throws SyscallError ETIMEDOUT where it does not come in time, or where another has not come and nothing more is asked
 */
export function askUserDatabase<T>(lookup: Lookup<T>): T {
  let answer: { readonly value: T } | undefined;
  awaitAnswer();
  if (underWay === undefined) {
    begin({
      ...lookup,
      came: (value) => {
        answer = { value };
        lookup.came?.(value);
      },
    });
    awaitAnswer();
  }
  if (answer === undefined) throw new SyscallError(lookup.call, constants.errno.ETIMEDOUT, lookup.subject);
  return answer.value;
}

/**
 * Asks without holding up this thread. The answer is told by `came`.
 *
 * @param until - when it is given up, by milliseconds()
 */
export async function lookUpLater<T>(lookup: Lookup<T>, until: number): Promise<void> {
  await arrival(until);
  if (underWay !== undefined) return;
  begin(lookup);
  await arrival(until);
}

/** Waits until nothing is under way; not for what has had its time. */
async function arrival(until: number): Promise<void> {
  for (let pause = 0.25; underWay !== undefined && !hasCome(0); pause *= 2) {
    const now = milliseconds();
    const left = Math.min(until, underWay.asked + limit) - now;
    if (left <= 0) return;
    await sleep(Math.min(pause, left, 50));
  }
}

function awaitAnswer(): void {
  if (underWay === undefined || hasCome(0)) return;
  const start = milliseconds();
  waits = waits.filter(({ until }) => start - until < inTime);
  const left = limitOfAll - waits.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  hasCome(Math.max(0, Math.min(underWay.asked + limit - start, left)));
  const until = milliseconds();
  waits.push({ until, milliseconds: until - start });
}

/** Takes the answer of what is under way, if it comes within so many milliseconds. */
function hasCome(timeout: number): boolean {
  if (thread?.hasMade(timeout) !== true) return false;
  underWay?.finish();
  underWay = undefined;
  return true;
}

function begin<T>({ call, args, answer, came }: Lookup<T>): void {
  try {
    thread ??= new CallingThread(memory);
  } catch (error) {
    if (!failedWith(error, 'ENOSYS')) throw error;
    came?.(atOnce(call, args, answer));
    return;
  }
  const { answer: room } = thread;
  room.fill(0, 0, 64);
  underWay = { finish: () => came?.(answer(room)), asked: milliseconds() };
  thread.begin([[call, ...args(room)] satisfies LibraryCall]);
}

/** Where the C library has no setcontext(3), such as musl's, which has no modules either. */
function atOnce<T>(call: string, args: Lookup<T>['args'], answer: Lookup<T>['answer']): T {
  const room = libc.allocate(memory.answer);
  try {
    libc.callByName(
      call,
      args(room).map((argument) => (Buffer.isBuffer(argument) ? libc.addressOfBuffer(argument) : BigInt(argument))),
    );
    return answer(room);
  } finally {
    libc.free(room);
  }
}
