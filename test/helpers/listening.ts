import { createInterface, type Interface } from 'node:readline';

import type { ListenEvent } from '../../src/listening/listen-event.js';
import { assertDocument } from './json-schema.js';
import { type Outcome, type Running, type RunOptions, startPeerpid } from './run-peerpid.js';

/** A `peerpid listen --json` that runs: its events, one after the other. */
export class Listening implements AsyncDisposable {
  readonly #lines: AsyncIterator<string>;
  readonly #interface: Interface;
  readonly #exited: Promise<number | null>;
  #stderr = '';

  private constructor(readonly child: Running) {
    child.stdin.end();
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#exited = new Promise((resolve) => child.once('exit', resolve));
    this.#interface = createInterface({ input: child.stdout });
    this.#lines = this.#interface[Symbol.asyncIterator]();
  }

  /** Starts it, and waits until it listens. */
  static async start(args: readonly string[], options?: RunOptions): Promise<Listening> {
    const listening = new Listening(startPeerpid(['listen', '--json', ...args], options));
    await listening.next('listening');
    return listening;
  }

  /** The next event, whatever it is. */
  async any(): Promise<ListenEvent> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`listen ended: ${this.#stderr}`);
    return eventOf(line.value);
  }

  /** The next event of this kind; others before it are passed over. */
  async next<K extends ListenEvent['event']>(kind: K): Promise<Extract<ListenEvent, { event: K }>> {
    for (;;) {
      const line = await this.#lines.next();
      if (line.done === true) throw new Error(`listen ended before a ${kind} event: ${this.#stderr}`);
      const event = eventOf(line.value);
      if (event.event === kind) return event as Extract<ListenEvent, { event: K }>;
    }
  }

  /** Once it has ended by itself. */
  get exitStatus(): Promise<number | null> {
    return this.#exited;
  }

  /** Sends a signal, and waits for the end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Pick<Outcome, 'status' | 'stderr'>> {
    this.child.kill(signal);
    const status = await this.#exited;
    return { status, stderr: this.#stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL');
    this.#interface.close();
  }
}

function eventOf(line: string): ListenEvent {
  assertDocument('listen', line);
  return JSON.parse(line) as ListenEvent;
}
