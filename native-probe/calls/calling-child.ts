/**
 * A child process that makes a few calls of the C library and ends. Nothing of
 * JavaScript runs in it: V8 keeps its memory from being inherited (MADV_DONTFORK
 * in madvise(2)), so that a fork(2) of Node's cannot go on. Instead clone(2)
 * starts it in setcontext(3), with a chain of calls.
 */
import { constants } from 'node:os';

import { Fd } from '../fd.js';
import * as libc from '../libc.js';
import { openPidfd } from '../pidfd.js';
import { check } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { contextsOf, functionNamed, type LibraryCall, stackSize } from './call-chain.js';

/** Has the child killed when the thread that started it ends. prctl(2) */
const endWithParent: LibraryCall = ['prctl', uapi.PR_SET_PDEATHSIG, constants.signals.SIGKILL];

const end: LibraryCall = ['_exit', 0];

/** Numbers of children that are not reaped, and have our table of descriptors for their own. */
const sharing = new Set<number>();

/** Whether a process is a child that this thread started, whose descriptors are ours: it holds nothing besides us. */
export function sharesOurDescriptors(pid: number): boolean {
  return sharing.has(pid);
}

/** A child process, and its pidfd. Disposing of it kills it and waits for it. */
export class CallingChild implements Disposable {
  #waitStatus: number | undefined;

  private constructor(
    /** Its number in our PID namespace. */
    readonly pid: number,
    readonly pidfd: Fd,
  ) {}

  /**
   * clone(2) with CLONE_PIDFD. After the last call the child ends with status 0.
   *
   * @param flags - CLONE_NEW* namespaces for the child to be in; CLONE_FILES for our table of descriptors to be its own
   * @param repeated - calls to make after the others, again and again, until it is killed
   * @throws SyscallError EPERM, ENOSPC or EUSERS when it may have no such
   * namespace; ENOSYS when the C library has no setcontext(3), such as musl's
   */
  static start(calls: readonly LibraryCall[], flags = 0, repeated: readonly LibraryCall[] = []): CallingChild {
    // First: a C library that lacks setcontext(3) has none of the other functions either
    const setcontext = functionNamed('setcontext');
    const buffers: Buffer[] = [];
    const [first] = contextsOf([endWithParent, ...calls, ...(repeated.length > 0 ? [] : [end])], repeated, buffers);
    const stack = Buffer.alloc(stackSize);
    buffers.push(stack);
    const pidfd = Buffer.alloc(4);
    // The stack grows down
    const top = (libc.addressOfBuffer(stack) + BigInt(stackSize)) & ~15n;
    const pid = libc.clone(setcontext, top, uapi.CLONE_PIDFD | constants.signals.SIGCHLD | flags, first.context, pidfd);
    check(pid, 'clone');
    // A reference to the buffers after the call, so that they are not garbage-collected before the child has its copy
    buffers.length = 0;
    if ((flags & uapi.CLONE_FILES) !== 0) sharing.add(pid);
    return new CallingChild(pid, new Fd(pidfd.readInt32LE()));
  }

  /**
   * Takes over a child of ours that another process made, with CLONE_PARENT.
   *
   * @throws SyscallError ESRCH when nobody has the number, ECHILD when it is no child of ours
   */
  static adopt(pid: number): CallingChild {
    const pidfd = openPidfd(pid);
    try {
      const status = Buffer.alloc(4);
      const ended = check(libc.waitpid(pid, status, uapi.WNOHANG), 'waitpid', `${pid}`);
      const child = new CallingChild(pid, pidfd);
      // It is reaped now, and its number may be another process's: nobody is to wait for that, or to kill it
      if (ended === pid) child.#waitStatus = status.readInt32LE();
      return child;
    } catch (error) {
      pidfd[Symbol.dispose]();
      throw error;
    }
  }

  /** Waits until the child has ended, and reaps it. @returns its wait(2) status */
  wait(): number {
    if (this.#waitStatus === undefined) {
      const status = Buffer.alloc(4);
      let result: number;
      do result = libc.waitpid(this.pid, status, 0);
      while (result === -constants.errno.EINTR);
      check(result, 'waitpid', `${this.pid}`);
      this.#waitStatus = status.readInt32LE();
      sharing.delete(this.pid);
    }
    return this.#waitStatus;
  }

  /** Kills the child, without a wait for its end: it may sleep so that nothing ends it. @returns as {@link CallingChild.reap} */
  giveUp(): boolean {
    process.kill(this.pid, 'SIGKILL');
    return this.reap();
  }

  /** Reaps the child if it has ended. @returns whether nothing of it is left */
  reap(): boolean {
    if (this.#waitStatus === undefined) {
      const status = Buffer.alloc(4);
      if (check(libc.waitpid(this.pid, status, uapi.WNOHANG), 'waitpid', `${this.pid}`) === 0) return false;
      this.#waitStatus = status.readInt32LE();
      sharing.delete(this.pid);
    }
    this.pidfd[Symbol.dispose]();
    return true;
  }

  [Symbol.dispose](): void {
    if (this.#waitStatus === undefined) {
      // The child is not reaped yet, so the number is still its own
      process.kill(this.pid, 'SIGKILL');
      this.wait();
    }
    this.pidfd[Symbol.dispose]();
  }
}
