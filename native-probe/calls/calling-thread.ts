import { constants } from 'node:os';

import * as libc from '../libc.js';
import { SyscallError } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { type Context, contextsOf, functionNamed, type LibraryCall, setCall } from './call-chain.js';
import { afterSignal } from './patience.js';
import { withoutSignals } from './without-signals.js';

/** Bytes of memory that a thread is given: for what its calls write, and for the stack on which it makes them. */
export interface ThreadMemory {
  readonly answer: number;
  readonly stack: number;
}

/**
 * A thread that makes one call of the C library after the other, each when it is told to. What a call waits for may
 * never come: it is asked whether it has been made, and given up where it has not. Node does not know of the thread, and
 * does not wait for it when it ends itself.
 *
 * Only for calls that SIGKILL interrupts: a thread in uninterruptible sleep would keep the whole process from being
 * reaped. Such calls are a {@link CallingChild}'s.
 *
 * It waits for a word of memory, futex(2), makes the call, says in another word that it has, and begins again; it has
 * no descriptors. All signals are blocked there, so that no wait ends without a reason. Its memory is not JavaScript's:
 * a worker thread may be terminated while the call still writes.
 */
export class CallingThread {
  /** First: a C library that lacks it has none of the other functions either. */
  readonly #setcontext = functionNamed('setcontext');
  readonly #memory: Buffer[] = [];
  /** For what a call writes. */
  readonly answer: Buffer;
  readonly #words = this.#allocate(8);
  readonly #toDo = new Int32Array(this.#words.buffer, this.#words.byteOffset, 1);
  readonly #done = new Int32Array(this.#words.buffer, this.#words.byteOffset + 4, 1);
  readonly #call: Context;
  readonly #afterCall: Context;
  readonly #thread = Buffer.alloc(8);

  /**
   * Starts one, which has nothing to do yet.
   *
   * @throws SyscallError EAGAIN where there may be no more threads; ENOSYS where the C library has no setcontext(3),
   * such as musl's
   */
  constructor(memory: ThreadMemory) {
    this.answer = this.#allocate(memory.answer);
    const [toDo, done] = [this.#words.subarray(0, 4), this.#words.subarray(4)];
    const calls: LibraryCall[] = [
      ['syscall', uapi.NR_futex, toDo, uapi.FUTEX_WAIT_PRIVATE, 0, 0],
      // What this is to be is told each time
      ['getpid'],
      ['memset', toDo, 0, 4],
      ['memset', done, 1, 4],
      ['syscall', uapi.NR_futex, done, uapi.FUTEX_WAKE_PRIVATE, 1],
    ];
    const [, call, afterCall] = withoutSignals(() => {
      const contexts = contextsOf([], calls, [], (size) => this.#allocate(size));
      const errno = libc.createThread(this.#thread, this.#setcontext, contexts[0].context);
      if (errno === 0) return contexts;
      this.#free();
      throw new SyscallError('pthread_create', errno);
    });
    if (call === undefined || afterCall === undefined) throw new Error('a thread makes calls');
    this.#call = { context: call.context, stack: this.#allocate(memory.stack) };
    this.#afterCall = afterCall;
  }

  #allocate(size: number): Buffer {
    const buffer = libc.allocate(size);
    this.#memory.push(buffer);
    return buffer;
  }

  /** Has the call made. The one before has been. @param buffers - what it points to is added to it */
  begin(call: LibraryCall, buffers: Buffer[]): void {
    setCall(this.#call, call, this.#afterCall, buffers);
    Atomics.store(this.#done, 0, 0);
    Atomics.store(this.#toDo, 0, 1);
    libc.futex(uapi.NR_futex, this.#words, uapi.FUTEX_WAKE_PRIVATE, 1, null);
  }

  /** Whether the call has been made. @param timeout - milliseconds to wait for that; fewer when a signal comes */
  hasMade(timeout: number): boolean {
    let until = performance.now() + timeout;
    while (Atomics.load(this.#done, 0) === 0) {
      const left = until - performance.now();
      if (left <= 0) return false;
      const result = libc.futex(uapi.NR_futex, this.#words.subarray(4), uapi.FUTEX_WAIT_PRIVATE, 0, timespec(left));
      if (result === -constants.errno.EINTR) until = Math.min(until, performance.now() + afterSignal);
    }
    return true;
  }

  /** Ends it. Its call has been made. By the system call, and not by pthread_exit(3), which loads a library to unwind the stack. */
  end(): void {
    this.begin(['syscall', uapi.NR_exit, 0], []);
    libc.joinThread(this.#thread.readBigUInt64LE());
    this.#free();
  }

  #free(): void {
    for (const buffer of this.#memory.splice(0)) libc.free(buffer);
  }
}

/** struct timespec. @param milliseconds - not negative */
function timespec(milliseconds: number): Buffer {
  const time = Buffer.alloc(16);
  time.writeBigInt64LE(BigInt(Math.floor(milliseconds / 1000)), 0);
  time.writeBigInt64LE(BigInt(Math.floor((milliseconds % 1000) * 1e6)), 8);
  return time;
}
