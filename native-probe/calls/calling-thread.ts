import { Fd } from '../fd.js';
import * as libc from '../libc.js';
import { isReadable } from '../poll.js';
import { check, SyscallError } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { contextsOf, functionNamed, type LibraryCall } from './call-chain.js';

/** What threads that run use is not garbage-collected, also where nobody asks for their end any more. */
const running = new Set<CallingThread>();

/** For the eventfd(2): one more. */
const one = Buffer.alloc(8);
one.writeBigUInt64LE(1n);

/**
 * A thread that makes a few calls of the C library and ends. What it waits for may never come: it is asked whether
 * it has ended, and given up where it has not. Node does not know of it, and does not wait for it when it ends itself.
 *
 * Only for calls that SIGKILL interrupts: a thread in uninterruptible sleep would keep the whole process from being
 * reaped. Such calls are a {@link CallingChild}'s, which costs ten times as much.
 */
export class CallingThread {
  readonly #ended = new Fd(check(libc.eventfd(0, uapi.EFD_CLOEXEC | uapi.EFD_NONBLOCK), 'eventfd'));
  /** What the calls point to. */
  readonly #buffers: Buffer[] = [];
  readonly #thread = Buffer.alloc(8);

  private constructor(calls: readonly LibraryCall[]) {
    try {
      const setcontext = functionNamed('setcontext');
      // The system call and not pthread_exit(3), which loads a library to unwind the stack
      const end = [
        ['write', this.#ended.number, one, 8],
        ['syscall', uapi.NR_exit, 0],
      ] as const;
      const first = contextsOf([...calls, ...end], [], this.#buffers);
      const errno = libc.createThread(this.#thread, setcontext, first);
      if (errno !== 0) throw new SyscallError('pthread_create', errno);
      running.add(this);
    } catch (error) {
      this.#ended[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Starts a thread. The buffers of the calls are its own until it has ended.
   *
   * @throws SyscallError EAGAIN where there may be no more threads; EMFILE; ENOSYS where the C library has no
   * setcontext(3), such as musl's
   */
  static start(calls: readonly LibraryCall[]): CallingThread {
    return new CallingThread(calls);
  }

  /**
   * Whether the calls were all made, and what they wrote may be read: then the thread is joined, and nothing of it is left.
   *
   * @param timeout - milliseconds to wait for that; nothing else runs in our thread meanwhile
   */
  hasEnded(timeout: number): boolean {
    if (!running.has(this)) return true;
    if (!isReadable(this.#ended, timeout)) return false;
    // It has nothing left to do but to end
    libc.joinThread(this.#thread.readBigUInt64LE());
    running.delete(this);
    this.#ended[Symbol.dispose]();
    this.#buffers.length = 0;
    return true;
  }
}
