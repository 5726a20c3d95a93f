import { writeSync } from 'node:fs';

import { nodeFailedWith } from '../../native-probe/syscall-error.js';
import { milliseconds } from '../../native-probe/monotonic-clock.js';

/** Milliseconds: work that is over sooner gets no bar. */
const patience = 500;
/** Milliseconds between two drawings. */
const interval = 100;
const barWidth = 30;

/** A bar on a terminal, removed at the end. It is written synchronously, since the work blocks Node's event loop. */
class ProgressBar implements Disposable {
  readonly #start = milliseconds();
  #shown = -Infinity;

  /** @param stream - shown only if this is a terminal */
  constructor(
    private readonly stream: NodeJS.WriteStream & { readonly fd: number },
    private readonly what: string,
  ) {}

  tell(done: number, total: number): void {
    const now = milliseconds();
    if (!this.stream.isTTY || now - this.#start < patience || now - this.#shown < interval) return;
    this.#shown = now;
    const full = Math.round((barWidth * done) / Math.max(1, total));
    const bar = `${'█'.repeat(full)}${'░'.repeat(barWidth - full)}`;
    this.#write(`\r${bar} ${done} of ${total} ${this.what}\x1b[K`);
  }

  [Symbol.dispose](): void {
    if (this.#shown > 0) this.#write('\r\x1b[K');
  }

  #write(text: string): void {
    try {
      writeSync(this.stream.fd, text);
    } catch (error) {
      // The terminal is gone, or full and not read: the work is not to fail for that
      if (!nodeFailedWith(error)) throw error;
    }
  }
}

/**
 * Does work that takes a while, with a bar on standard error meanwhile if that is a terminal.
 *
 * @param what - is counted
 * @param work - is given what to call as it goes on
 */
export async function withProgress<T>(
  what: string,
  work: (tell: (done: number, total: number) => void) => T | Promise<T>,
): Promise<T> {
  using bar = new ProgressBar(process.stderr, what);
  return await work((done, total) => {
    bar.tell(done, total);
  });
}
