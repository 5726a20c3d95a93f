/** What ends a program that has not said otherwise: Ctrl-C, kill(1), a terminal that is closed, and Ctrl-\. signal(7) */
export const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * Has signals that would end the process wait until the end of a block that does
 * not await, so that the block can put away what it made. Node sees the signals
 * only when the block has returned, and then they do what they would have done.
 */
export class HeldSignals implements Disposable {
  readonly #deliver = (signal: NodeJS.Signals): void => {
    this.#release();
    // Other listeners were called by Node as well
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };

  constructor() {
    for (const signal of endingSignals) process.on(signal, this.#deliver);
  }

  #release(): void {
    for (const signal of endingSignals) process.off(signal, this.#deliver);
  }

  /**
   * Held signals are delivered when Node polls next. That may be after the first setImmediate(), where
   * the block was called while Node was polling, but is before the second.
   */
  [Symbol.dispose](): void {
    setImmediate(() => {
      setImmediate(() => {
        this.#release();
      });
    });
  }
}
