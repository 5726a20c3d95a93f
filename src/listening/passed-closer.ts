import { credentialRoom } from '../../native-probe/ancillary.js';
import { ClosingChildren } from '../../native-probe/calls/closing-children.js';
import type { Fd } from '../../native-probe/fd.js';
import type { Closer } from '../../native-probe/message.js';
import { isReadable } from '../../native-probe/poll.js';
import { openFilesLimit } from '../../native-probe/proc/system.js';
import { failedWith } from '../../native-probe/syscall-error.js';
import { reading, valueOf } from '../words/reading.js';
import type { EventLoop, Watch } from './event-loop.js';

/** Descriptors that may wait to be closed, and at most a quarter of all that may be open. */
const mostWaiting = 1024;

/** Milliseconds without any descriptor closed, after which those that close are taken to be stuck. */
const patience = 50;

/** What is received of what comes with a message. */
export interface ReceivingRoom {
  /** How many descriptors wait to be closed, where they are so many that no more are to be received; else undefined. */
  readonly leftOutFor: number | undefined;
  /** Bytes for it: undefined for all. */
  readonly controlRoom: number | undefined;
}

const everything: ReceivingRoom = { leftOutFor: undefined, controlRoom: undefined };

/**
 * Closes the descriptors that came with messages. A sender can make one whose
 * close(2) never ends: that happens in other processes, of which there are more
 * when all are stuck. When too many wait, no more are to be received.
 */
export class PassedCloser implements Closer, Disposable {
  /** How many may wait. */
  readonly most = Math.min(mostWaiting, Math.floor((valueOf(reading(openFilesLimit)) ?? Infinity) / 4));
  #children: ClosingChildren | undefined;
  #watch: Watch | undefined;
  #impossible = false;
  #closed = 0;
  #isTimed = false;
  /** None was closed the last time that it was waited for. */
  #isStuck = false;

  constructor(private readonly loop: EventLoop) {}

  /** How many are not closed yet. */
  get waiting(): number {
    return this.#children?.waiting ?? 0;
  }

  /**
   * What there is room for now. Those that are closed as a rule are so in a moment, which is waited for: else one
   * sender's descriptors would cost the next its pidfd.
   */
  roomNow(): ReceivingRoom {
    while (this.#children !== undefined && this.waiting >= this.most && !this.#isStuck) {
      if (isReadable(this.#children.closed, patience)) this.#collect(this.#children);
      else this.#isStuck = true;
    }
    const { waiting } = this;
    return waiting >= this.most ? { leftOutFor: waiting, controlRoom: credentialRoom } : everything;
  }

  #collect(children: ClosingChildren): void {
    this.#closed += children.collect();
    this.#isStuck = false;
  }

  /** Has them closed, which may be later. */
  close(passed: readonly Fd[]): void {
    if (passed.length === 0) return;
    const children = this.#start();
    if (children === undefined) {
      for (const fd of passed) fd[Symbol.dispose]();
      return;
    }
    children.close(passed);
    this.#lookLater(children);
  }

  /** With the first descriptor: as a rule none come. */
  #start(): ClosingChildren | undefined {
    if (this.#children !== undefined || this.#impossible) return this.#children;
    try {
      const children = (this.#children = new ClosingChildren());
      this.#watch = this.loop.watch(children.closed, 'readable', () => {
        this.#collect(children);
      });
    } catch (error) {
      // Such as musl, which has no setcontext(3)
      if (!failedWith(error, 'ENOSYS', 'EPERM', 'EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE')) throw error;
      this.#impossible = failedWith(error, 'ENOSYS', 'EPERM');
    }
    return this.#children;
  }

  /** Starts another child if by then none of those that there are got any further. */
  #lookLater(children: ClosingChildren): void {
    if (this.#isTimed) return;
    this.#isTimed = true;
    const before = this.#closed;
    this.loop.after(patience, () => {
      this.#isTimed = false;
      if (children.waiting === 0) return;
      const isStuck = this.#closed === before;
      if (isStuck && !growIfPossible(children)) return;
      this.#lookLater(children);
    });
  }

  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]();
    this.#children?.[Symbol.dispose]();
  }
}

/** @returns whether there may be more at another time */
function growIfPossible(children: ClosingChildren): boolean {
  try {
    return children.grow();
  } catch (error) {
    if (!failedWith(error, 'EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE')) throw error;
    return true;
  }
}
