import { constants } from 'node:os';

import * as libc from '../libc.js';
import { goesOn } from '../going-on.js';
import { SyscallError } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import {
  type Context,
  contextsOf,
  functionNamed,
  type LibraryCall,
  newContext,
  setCall,
  setFirstArgument,
} from './call-chain.js';
import { LastingMemory } from './lasting-memory.js';
import { afterSignal } from './patience.js';
import { withoutSignals } from './without-signals.js';
import { milliseconds } from '../monotonic-clock.js';

/** Bytes of memory that a thread is given: for what its calls write, and for the stack on which it makes them. */
export interface ThreadMemory {
  readonly answer: number;
  readonly stack: number;
}

/**
 * A thread that makes calls of the C library, a chain of them each time it is told to. What a call waits for may
 * never come: it is asked whether it has been made, and given up where it has not. Node does not know of the thread, and
 * does not wait for it when it ends itself.
 *
 * Only for calls that SIGKILL interrupts: a thread in uninterruptible sleep would keep the whole process from being
 * reaped. Such calls are a {@link CallingChild}'s.
 *
 * It waits for a semaphore, sem_wait(3), makes the call, says in a word of memory that it has, and begins again; it has
 * no descriptors. All signals are blocked there, and sem_wait(3) goes on after a wake-up that was for nothing, such as
 * one that comes late: futex(2) alone would have the calls made twice, and a descriptor closed that is another file's
 * by then. Its memory is not JavaScript's: a worker thread may be terminated while the call still writes.
 */
export class CallingThread {
  /** First: a C library that lacks it has none of the other functions either. */
  readonly #setcontext = functionNamed('setcontext');
  readonly #memory = new LastingMemory();
  /** For what a call writes. */
  readonly answer: Buffer;
  readonly #toDo = this.#memory.allocate(semaphoreSize);
  readonly #doneWord = this.#memory.allocate(4);
  readonly #done = wordAt(this.#doneWord);
  readonly #partWord = this.#memory.allocate(4);
  readonly #partDone = wordAt(this.#partWord);
  /** Calls that say that those before them in the chain have been made: {@link hasMadePart}. */
  readonly endOfPart = telling(this.#partWord);
  /** Of the calls that it is told to make. The first has the stack that was asked for. */
  readonly #calls: [Context, ...Context[]];
  readonly #afterCall: Context;
  /** What they point to. */
  #buffers: Buffer[] = [];
  #kind: symbol | undefined;
  readonly #thread = Buffer.alloc(8);

  /**
   * Starts one, which has nothing to do yet.
   *
   * @throws SyscallError EAGAIN where there may be no more threads; ENOSYS where the C library has no setcontext(3),
   * such as musl's
   */
  constructor(memory: ThreadMemory) {
    this.answer = this.#memory.allocate(memory.answer);
    libc.semInit(this.#toDo, 0, 0);
    const calls: LibraryCall[] = [
      ['sem_wait', this.#toDo],
      // What this is to be is told each time
      ['getpid'],
      ...telling(this.#doneWord),
    ];
    const [, call, afterCall] = withoutSignals(() => {
      const contexts = contextsOf([], calls, [], (size) => this.#memory.allocate(size));
      const errno = libc.createThread(this.#thread, this.#setcontext, contexts[0].context);
      if (errno === 0) return contexts;
      this.#memory.free();
      throw new SyscallError('pthread_create', errno);
    });
    if (call === undefined || afterCall === undefined) throw new Error('a thread makes calls');
    this.#calls = [{ context: call.context, stack: this.#memory.allocate(memory.stack) }];
    this.#afterCall = afterCall;
  }

  /** Where it has its errno: as far from the beginning of its memory as every thread. pthread_self(3) */
  get addressOfErrno(): bigint {
    return this.#thread.readBigUInt64LE() + libc.addressOfErrno() - libc.pthreadSelf();
  }

  /**
   * Has calls made, one after the other. Those before have been.
   *
   * @param kind - of calls that point to nothing but the memory of this thread: what tells them from others
   */
  begin(calls: readonly LibraryCall[], kind?: symbol): void {
    while (this.#calls.length < calls.length) {
      this.#calls.push(withoutSignals(() => newContext((size) => this.#memory.allocate(size), furtherStack)));
    }
    this.#buffers = [];
    calls.forEach((call, index) => {
      const next = index + 1 < calls.length ? this.#calls[index + 1] : this.#afterCall;
      setCall(this.#calls[index] ?? this.#calls[0], call, next, this.#buffers);
    });
    this.#kind = kind;
    this.#go();
  }

  /** Whether the last calls were of a kind. */
  isReadyFor(kind: symbol | undefined): boolean {
    return kind !== undefined && kind === this.#kind;
  }

  /**
   * Has the last calls made again, with other descriptors: to make a chain anew costs more than most of its calls.
   *
   * @param descriptors - the first argument of each call; undefined for what stays
   */
  again(descriptors: readonly (number | undefined)[]): void {
    descriptors.forEach((descriptor, index) => {
      if (descriptor !== undefined) setFirstArgument(this.#calls[index] ?? this.#calls[0], descriptor);
    });
    this.#go();
  }

  #go(): void {
    Atomics.store(this.#done, 0, 0);
    Atomics.store(this.#partDone, 0, 0);
    libc.semPost(this.#toDo);
  }

  /** Whether the calls have been made. @param timeout - milliseconds to wait for that; fewer when a signal comes */
  hasMade(timeout: number): boolean {
    return isTold(this.#doneWord, this.#done, timeout);
  }

  /** The same of those before {@link endOfPart}. */
  hasMadePart(timeout: number): boolean {
    return isTold(this.#partWord, this.#partDone, timeout);
  }

  /** Ends it. Its call has been made. By the system call, and not by pthread_exit(3), which loads a library to unwind the stack. */
  end(): void {
    this.begin([['syscall', uapi.NR_exit, 0]]);
    libc.joinThread(this.#thread.readBigUInt64LE());
    this.#memory.free();
  }
}

function wordAt(memory: Buffer): Int32Array {
  return new Int32Array(memory.buffer, memory.byteOffset, 1);
}

/** What says in a word that the calls before have been made. */
function telling(word: Buffer): readonly LibraryCall[] {
  return [
    ['memset', word, 1, 4],
    ['syscall', uapi.NR_futex, word, uapi.FUTEX_WAKE_PRIVATE, 1],
  ];
}

function isTold(memory: Buffer, word: Int32Array, timeout: number): boolean {
  goesOn();
  if (Atomics.load(word, 0) !== 0) return true;
  if (timeout <= 0) return false;
  let until = milliseconds() + timeout;
  do {
    const left = until - milliseconds();
    if (left <= 0) return false;
    const result = libc.futex(uapi.NR_futex, memory, uapi.FUTEX_WAIT_PRIVATE, 0, timespec(left));
    if (result === -constants.errno.EINTR) until = Math.min(until, milliseconds() + afterSignal);
  } while (Atomics.load(word, 0) === 0);
  return true;
}

/** sizeof(sem_t). <bits/semaphore.h> */
const semaphoreSize = 32;

/** Bytes of the stack of each call after the first: for what hardly does more than a system call. */
const furtherStack = 16 * 1024;

/** struct timespec. @param milliseconds - not negative */
function timespec(milliseconds: number): Buffer {
  const time = Buffer.alloc(16);
  time.writeBigInt64LE(BigInt(Math.floor(milliseconds / 1000)), 0);
  time.writeBigInt64LE(BigInt(Math.floor((milliseconds % 1000) * 1e6)), 8);
  return time;
}
