/**
 * Has the program start over, by execve(2), where it makes no progress: whoever looks at a process that sleeps in the
 * middle of execve(2) (see held-processes.ts) sleeps until it is killed, in any of dozens of calls. To make each of them
 * where it can be given up would cost every scan much; what execve(2) does to the other threads ends that sleep. A thread
 * waits for a timer that whoever goes on sets again and again.
 *
 * Signals that came meanwhile are not lost: those that wait for the process do so over execve(2), since that thread
 * blocks them all until Node unblocks them as it begins (PlatformInit() in src/node.cc), and those that libuv took are
 * sent again.
 */
import { constants as fileConstants, readFileSync, writeSync } from 'node:fs';
import { constants } from 'node:os';

import { Fd } from '../fd.js';
import * as libc from '../libc.js';
import { isWatched, tellProgress } from '../going-on.js';
import { asSyscall, check, failedWith, SyscallError } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { contextsOf, functionNamed, type LibraryCall, nextArgument, NextArgument } from './call-chain.js';
import { LastingMemory } from './lasting-memory.js';
import { signalMessage, signalPipe } from './signal-pipe.js';
import { withoutSignals } from './without-signals.js';

/** Milliseconds between two times that the timer is set again. */
const pause = 50;

/** How long the timer goes off again and again, once it did: after SIGCONT, say, time has passed in which nobody could go on. Milliseconds. */
const grace = 200;

/** How many signals are sent again, of those that Node has not seen: one of another kind may come before the one that ends it. */
const mostSignals = 8;

/** How this process leaves what it shares with others. */
export interface Leaving {
  /** Standard descriptors that waited when the program began, and are to do so when it begins again. */
  readonly blocking: readonly number[];
  /** What a terminal is written, so that it is as it was before: the next of us may be ended before it does anything. */
  readonly farewell: string;
}

/** What a thread does that waits to start over, and what it uses. */
class Waiting {
  readonly #memory = new LastingMemory();
  readonly #wentOff = this.#memory.allocate(1);
  readonly #thread = Buffer.alloc(8);
  /** Where the thread may go on. */
  readonly #over: Buffer;
  readonly #end: Buffer;

  /** @param token - an eventfd(2), from which either the thread takes where to go on, or whoever ends the watch */
  private constructor(
    private readonly timer: Fd,
    private readonly token: Fd,
    { blocking, farewell }: Leaving,
  ) {
    const args = asSyscall('/proc/self/cmdline', () => readFileSync('/proc/self/cmdline'));
    const allocate = (size: number): Buffer => this.#memory.allocate(size);
    const pointers = this.#pointersTo(args);
    const message = Buffer.from('peerpid is kept waiting by another process, and cannot start over\n');
    const over: LibraryCall[] = [
      ...this.#writing(farewell),
      // The terminal as it was before: the next of us takes it for that. Node's, where it is not another library's
      ...(libc.addressOfFunction('uv_tty_reset_mode') === 0n ? [] : [['uv_tty_reset_mode'] as const]),
      // Which Node has closed by execve(2)
      ...[0, 1, 2].map((fd): LibraryCall => ['fcntl', fd, uapi.F_SETFD, 0]),
      // Which libuv has not wait: the next of us would take that for how they were
      ...blocking.map((fd): LibraryCall => [
        'fcntl',
        fd,
        uapi.F_SETFL,
        libc.fcntl(fd, uapi.F_GETFL, 0) & ~fileConstants.O_NONBLOCK,
      ]),
      ...sendingSignalsAgain(),
      ['execv', this.#memory.copied(Buffer.from(`${process.execPath}\0`)), pointers],
      // Where that was replaced meanwhile, or another program starts Node
      ['execv', this.#memory.copied(Buffer.from('/proc/self/exe\0')), pointers],
      ['write', 2, this.#memory.copied(message), message.length],
      ['_exit', 1],
    ];
    this.#over = contextsOf(over, [], [], allocate)[0].context;
    this.#end = contextsOf([['syscall', uapi.NR_exit, 0]], [], [], allocate)[0].context;
    const word = this.#memory.allocate(8);
    const wait: LibraryCall[] = [
      ['read', timer.number, word, 8],
      ['memset', this.#wentOff, 1, 1],
      ['poll', 0, 0, grace / 2],
      // Whoever goes on has set it again by now
      ['read', timer.number, word, 8],
      ['read', token.number, nextArgument, 8],
      ['setcontext', 0],
    ];
    const [first] = contextsOf(wait, [], [], allocate);
    const errno = libc.createThread(this.#thread, functionNamed('setcontext'), first.context);
    if (errno === 0) return;
    this.#memory.free();
    throw new SyscallError('pthread_create', errno);
  }

  /** @throws SyscallError ENOSYS, EAGAIN, ENOMEM, EMFILE, ENFILE; ENOENT without /proc */
  static start(leaving: Leaving): Waiting {
    // First: a C library that lacks it has none of the other functions either
    functionNamed('setcontext');
    const made: Fd[] = [];
    const opened = (number: number, call: string): Fd => {
      const fd = new Fd(check(number, call));
      made.push(fd);
      return fd;
    };
    try {
      const timer = opened(libc.timerfdCreate(uapi.CLOCK_MONOTONIC, uapi.O_CLOEXEC), 'timerfd_create');
      const token = opened(libc.eventfd(0, uapi.EFD_CLOEXEC), 'eventfd');
      // Neither the thread nor its contexts, of which setcontext(3) takes the mask
      return withoutSignals(() => new Waiting(timer, token, leaving));
    } catch (error) {
      for (const fd of made) fd[Symbol.dispose]();
      throw error;
    }
  }

  /** An array of pointers to strings of which each ends with a NUL, and a null pointer at its end. */
  #pointersTo(strings: Buffer): Buffer {
    const copy = this.#memory.copied(strings);
    const starts: number[] = [];
    for (let at = 0; at < copy.length; at = copy.indexOf(0, at) + 1) starts.push(at);
    const pointers = Buffer.alloc(8 * (starts.length + 1));
    starts.forEach((start, index) => pointers.writeBigUInt64LE(libc.addressOfBuffer(copy) + BigInt(start), 8 * index));
    return this.#memory.copied(pointers);
  }

  /** To standard output, a terminal, which is not waited for where it is stopped by Ctrl-S. */
  #writing(text: string): LibraryCall[] {
    if (text === '') return [];
    const flags = libc.fcntl(1, uapi.F_GETFL, 0);
    const bytes = Buffer.from(text);
    return [
      ['fcntl', 1, uapi.F_SETFL, flags | fileConstants.O_NONBLOCK],
      ['write', 1, this.#memory.copied(bytes), bytes.length],
      ['fcntl', 1, uapi.F_SETFL, flags],
    ];
  }

  /** @param milliseconds - until it goes off; 0 for never */
  set(milliseconds: number): void {
    const [seconds, rest] = [Math.floor(milliseconds / 1000), milliseconds % 1000];
    const again = milliseconds === 0 ? 0n : BigInt(grace) * 1_000_000n;
    const value = Buffer.alloc(32);
    value.writeBigInt64LE(again, 8);
    value.writeBigInt64LE(BigInt(seconds), 16);
    value.writeBigInt64LE(BigInt(Math.round(rest * 1e6)), 24);
    check(libc.timerfdSettime(this.timer.number, 0, value, null), 'timerfd_settime');
  }

  /** From now on it starts over where it goes off. */
  begin(): void {
    this.#give(this.#over);
  }

  /** From now on it does not. Where it is about to, this never returns. */
  finish(): void {
    const word = Buffer.alloc(8);
    let taken: number;
    do taken = libc.read(this.token.number, word, 8);
    while (taken === -constants.errno.EINTR);
    check(taken, 'read');
    this.set(0);
  }

  /** Whether it went off without an effect, since somebody went on after all: another one is needed then. */
  get isUsed(): boolean {
    return this.#wentOff[0] !== 0;
  }

  #give(context: Buffer): void {
    const word = Buffer.alloc(8);
    word.writeBigUInt64LE(libc.addressOfBuffer(context));
    writeSync(this.token.number, word);
  }

  /** Ends the thread. */
  end(): void {
    this.#give(this.#end);
    this.set(1);
    libc.joinThread(this.#thread.readBigUInt64LE());
    this.#memory.free();
    this.timer[Symbol.dispose]();
    this.token[Symbol.dispose]();
  }
}

/** Has signals wait for this thread that libuv took and Node has not seen. Where there is none, raise(3) is asked for 0. */
function sendingSignalsAgain(): LibraryCall[] {
  const pipe = signalPipe();
  if (pipe === undefined) return [];
  const { size, numberAt } = signalMessage;
  return Array.from({ length: mostSignals }, (): LibraryCall[] => [
    ['read', pipe, new NextArgument(numberAt), size],
    ['raise', 0],
  ]).flat();
}

let waiting: Waiting | undefined;

/**
 * Does something that is to call goesOn() all the time, see going-on.ts. Where it does not for so long the program starts over.
 * Not where it cannot be done: for a C library without setcontext(3), without /proc, or where there may be no more threads
 * or descriptors.
 *
 * @param limit - milliseconds
 */
export function startingOver<T>(limit: number, leaving: Leaving, work: () => T): T {
  const thread = isWatched() ? undefined : waitingThread(leaving);
  if (thread === undefined) return work();
  // Of the day: asked at each of some hundred thousand steps, it is the cheapest. Where it is set back, the thread is told
  let setAt = Date.now();
  thread.set(limit);
  thread.begin();
  tellProgress(() => {
    const now = Date.now();
    if (Math.abs(now - setAt) < pause) return;
    setAt = now;
    thread.set(limit);
  });
  try {
    return work();
  } finally {
    tellProgress(undefined);
    thread.finish();
  }
}

function waitingThread(leaving: Leaving): Waiting | undefined {
  try {
    if (waiting?.isUsed === true) {
      waiting.end();
      waiting = undefined;
    }
    return (waiting ??= Waiting.start(leaving));
  } catch (error) {
    if (failedWith(error, 'ENOSYS', 'EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ENOENT')) return undefined;
    throw error;
  }
}
