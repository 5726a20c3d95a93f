import { whenToStop } from '../cli/stopping.js';
import { type Difference, difference } from '../connections/difference.js';
import type { Selection } from '../connections/selection.js';

/** Two scans, one after the other, and what is different. */
export interface WatchRound {
  /** ISO 8601; when the later one was over. */
  readonly time: string;
  /** Undefined in the first round. */
  readonly before: Selection | undefined;
  readonly now: Selection;
  readonly difference: Difference;
}

/** What shows the rounds to the user. */
export interface WatchView extends Disposable {
  /** Called after each scan. */
  show(round: WatchRound): void;
}

/** What a view may have the watcher do, when the user presses a key. */
export interface WatchControl {
  /** Ends {@link Watcher.run}. */
  stop(): void;
  /** Pauses, or goes on with a scan at once. @returns whether it pauses now */
  togglePause(): boolean;
}

/** Who reads what is shown. */
export interface Reader {
  /** Nobody reads it any more: that ends it. */
  isGone(): boolean;
  /** What was shown last is still to be read: no scan is made meanwhile. */
  isFull(): boolean;
}

const nothing: Difference = { came: [], went: [], changed: [] };

/** Scans again and again. In between Node's event loop runs, and no scan but the last is kept. */
export class Watcher implements WatchControl {
  #before: Selection | undefined;
  #view: WatchView | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isPaused = false;
  #isStopped = false;
  #settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;

  /**
   * @param interval - milliseconds from the end of a scan to the beginning of the next
   * @param reader - asked before each scan but the first
   */
  constructor(
    private readonly look: () => Selection,
    private readonly interval: number,
    private readonly reader: Reader,
  ) {}

  /** Runs until it is stopped, by a view, by a signal, or because nobody reads the output any more. @returns whether it was a signal */
  async run(view: WatchView): Promise<boolean> {
    using stopping = whenToStop(() => {
      this.stop();
    });
    this.#view = view;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#settle = { resolve, reject };
        this.#round();
      });
    } finally {
      clearTimeout(this.#timer);
    }
    return stopping.bySignal;
  }

  stop(): void {
    this.#isStopped = true;
    this.#settle?.resolve();
  }

  togglePause(): boolean {
    this.#isPaused = !this.#isPaused;
    if (!this.#isPaused) this.#next(0);
    return this.#isPaused;
  }

  #round(): void {
    try {
      if (!this.#isPaused) this.#scan();
      // The timer goes on while it pauses: without one Node might find nothing to wait for, and end
      this.#next(this.interval);
    } catch (error) {
      this.#settle?.reject(error);
    }
  }

  #next(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#round();
    }, milliseconds);
  }

  #scan(): void {
    if (this.#before !== undefined) {
      if (this.reader.isGone()) this.stop();
      // Nothing is lost: the next scan is compared with the last one that was shown
      if (this.#isStopped || this.reader.isFull()) return;
    }
    const now = this.look();
    const before = this.#before;
    this.#before = now;
    this.#view?.show({
      time: new Date().toISOString(),
      before,
      now,
      difference: before === undefined ? nothing : difference(before.document, now.document),
    });
  }
}
