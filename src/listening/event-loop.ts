import { Alarm, Epoll, type Interest, type Readiness } from '../../native-probe/epoll.js';
import type { Fd } from '../../native-probe/fd.js';
import { isReaderGone } from '../../native-probe/reader-gone.js';

type Handler = (readiness: Readiness) => void;

const second = 1000;

/** Where handlers tell what happened. */
export interface Telling {
  /** Writes out what has gathered. @returns whether there is room for more */
  flush(): boolean;
  /** Calls back once when there is room again. */
  whenRoom(callback: () => void): void;
}

/** A descriptor that is being waited for. The watch does not own the descriptor, and is to be disposed of before that is closed. */
export class Watch implements Disposable {
  constructor(
    private readonly epoll: Epoll,
    private readonly handlers: Map<number, Handler>,
    private readonly token: number,
    private readonly fd: Fd,
  ) {}

  /** Waits for something else from now on. */
  change(interest: Interest): void {
    this.epoll.change(this.fd, this.token, interest);
  }

  [Symbol.dispose](): void {
    if (this.handlers.delete(this.token)) this.epoll.remove(this.fd);
  }
}

/**
 * Waits for descriptors, timers and {@link EventLoop.stop} in one place: one
 * epoll_wait(2) at a time, on a thread of its own, so that Node's signals are
 * seen meanwhile. Handlers run in {@link EventLoop.run}, so what they throw ends it.
 * Node joins that thread when the process ends, so the wait is ended before.
 */
export class EventLoop implements Disposable {
  readonly #epoll = new Epoll();
  readonly #alarm = new Alarm();
  readonly #handlers = new Map<number, Handler>();
  readonly #due: (() => void)[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  #nextToken = 1;
  #stopped = false;
  /** Ends the wait for room. */
  #release: (() => void) | undefined;
  #waiting: Promise<Readiness[]> | undefined;
  readonly #wake = (): void => {
    this.#alarm.ring();
  };

  constructor() {
    process.on('exit', this.#wake);
    this.watch(this.#alarm.fd, 'readable', () => {
      this.#alarm.quiet();
    });
  }

  /** Calls the handler in each turn in which the descriptor is ready. */
  watch(fd: Fd, interest: Interest, handler: Handler): Watch {
    const token = this.#nextToken++;
    this.#epoll.add(fd, token, interest);
    this.#handlers.set(token, handler);
    return new Watch(this.#epoll, this.#handlers, token, fd);
  }

  /** Calls back once, after so many milliseconds, in a turn. */
  after(milliseconds: number, callback: () => void): void {
    this.#in(milliseconds, () => {
      this.#due.push(callback);
      this.#alarm.ring();
    });
  }

  /** Stops after so many milliseconds, also when there is no room. */
  stopAfter(milliseconds: number): void {
    this.#in(milliseconds, () => {
      this.stop();
    });
  }

  /**
   * Stops when nobody reads any more what is written to a pipe, a socket or a terminal. It is looked at each second:
   * where nothing is to be told nothing else shows it.
   */
  stopWithReader(of: number): void {
    this.#in(second, () => {
      if (isReaderGone(of)) this.stop();
      else this.stopWithReader(of);
    });
  }

  #in(milliseconds: number, callback: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, milliseconds);
    this.#timers.add(timer);
  }

  /** Ends {@link EventLoop.run} after the turn that it is in. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#alarm.ring();
    this.#release?.();
  }

  /**
   * Runs until stopped. While there is no room nothing is waited for: what others do stays with the kernel, whose
   * queues hold them up when they are full.
   */
  async run(telling: Telling): Promise<void> {
    while (!this.#stopped) {
      for (const readiness of await this.#wait()) {
        // A handler of this turn may have ended another's watch
        this.#handlers.get(readiness.token)?.(readiness);
        if (!telling.flush()) await this.#room(telling);
      }
      for (const callback of this.#due.splice(0)) callback();
      if (!telling.flush()) await this.#room(telling);
    }
  }

  async #room(telling: Telling): Promise<void> {
    if (this.#stopped) return;
    await new Promise<void>((resolve) => {
      this.#release = resolve;
      telling.whenRoom(resolve);
    });
    this.#release = undefined;
  }

  async #wait(): Promise<Readiness[]> {
    this.#waiting = this.#epoll.wait();
    try {
      return await this.#waiting;
    } finally {
      this.#waiting = undefined;
    }
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#wake);
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#waiting === undefined) {
      this.#close();
      return;
    }
    // The thread still waits in epoll_wait(2): closing the alarm now would leave nothing to wake it
    this.#stopped = true;
    this.#handlers.clear();
    this.#alarm.ring();
    void this.#waiting.finally(() => {
      this.#close();
    });
  }

  #close(): void {
    this.#alarm[Symbol.dispose]();
    this.#epoll[Symbol.dispose]();
  }
}
