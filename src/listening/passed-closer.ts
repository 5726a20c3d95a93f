import { ClosingChildren } from '../../native-probe/calls/closing-children.js';
import type { Fd } from '../../native-probe/fd.js';
import { isReadable } from '../../native-probe/poll.js';
import { failedWith } from '../../native-probe/syscall-error.js';
import { descriptorLimit } from './descriptors.js';
import type { EventLoop, Watch } from './event-loop.js';
import { mostOfOne, type Share } from './share.js';
import { milliseconds } from '../../native-probe/monotonic-clock.js';

/** Descriptors that may wait to be closed, and at most a quarter of all that may be open. */
export const mostWaiting = 4096;

/** Milliseconds without any descriptor closed, after which those that close are taken to be stuck. */
const patience = 50;

/**
 * Closes the descriptors that came with messages. A sender can make one whose
 * close(2) never ends: that happens in other processes, of which there are more
 * when all are stuck. When too many wait, no more are to be received: of one sender, or of any.
 */
export class PassedCloser implements Disposable {
  /** How many may wait. */
  readonly most = Math.min(mostWaiting, Math.floor(descriptorLimit() / 4));
  /** Whose they are, in the order in which they are closed but for those whose close(2) is stuck. */
  readonly #order: { readonly share: Share; count: number }[] = [];
  #children: ClosingChildren | undefined;
  #watch: Watch | undefined;
  #impossible = false;
  #closed = 0;
  #isTimed = false;
  /** There was no room the last time that it was waited for, and not all are closed since. */
  #isSlow = false;

  constructor(private readonly loop: EventLoop) {}

  /** How many are not closed yet. */
  get waiting(): number {
    return this.#children?.waiting ?? 0;
  }

  /**
   * How many wait, where they are so many that no more of a sender's are to be received. Those that are closed as a rule
   * are so in a moment, which is waited for.
   *
   * @param share - the sender's; undefined for what every sender has room for
   * @returns undefined where there is room
   */
  fullWith(share: Share | undefined): number | undefined {
    const children = this.#children;
    const full = (): number | undefined => {
      if (this.waiting >= this.most) return this.waiting;
      const ofOne = share?.waiting ?? this.waiting;
      return ofOne >= mostOfOne ? ofOne : undefined;
    };
    const until = milliseconds() + patience;
    while (children !== undefined && full() !== undefined && !this.#isSlow) {
      const left = until - milliseconds();
      if (left > 0 && isReadable(children.closed, left)) this.#collect(children);
      else this.#isSlow = true;
    }
    return full();
  }

  #collect(children: ClosingChildren): void {
    const closed = children.collect();
    this.#closed += closed;
    if (children.waiting === 0) this.#isSlow = false;
    for (let left = closed, [first] = this.#order; left > 0 && first !== undefined; [first] = this.#order) {
      const some = Math.min(left, first.count);
      first.count -= some;
      first.share.waiting -= some;
      left -= some;
      if (first.count === 0) this.#order.shift();
    }
  }

  /** Has them closed, which may be later. @param share - of their sender */
  close(passed: readonly Fd[], share: Share): void {
    if (passed.length === 0) return;
    const children = this.#start();
    if (children === undefined) {
      for (const fd of passed) fd[Symbol.dispose]();
      return;
    }
    share.waiting += passed.length;
    this.#order.push({ share, count: passed.length });
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
