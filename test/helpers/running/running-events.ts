import { createInterface, type Interface } from 'node:readline';

import { assertDocument, type SchemaName } from './json-schema.js';
import type { Outcome, Running } from './run-peerpid.js';

/** A peerpid that runs and tells an event a line, as JSON that must be as its schema says. */
export abstract class RunningEvents<Event extends { readonly event: string }> implements AsyncDisposable {
  readonly #lines: AsyncIterator<string>;
  readonly #interface: Interface;
  readonly #exited: Promise<number | null>;
  #stderr = '';

  protected constructor(
    readonly child: Running,
    private readonly schema: SchemaName,
  ) {
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#exited = new Promise((resolve) => child.once('exit', resolve));
    this.#interface = createInterface({ input: child.stdout });
    this.#lines = this.#interface[Symbol.asyncIterator]();
  }

  /** The next event, whatever it is. */
  async any(): Promise<Event> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`${this.schema} ended: ${this.#stderr}`);
    assertDocument(this.schema, line.value);
    return JSON.parse(line.value) as Event;
  }

  /** The next event, which must be of this kind. */
  async next<K extends Event['event']>(kind: K): Promise<Extract<Event, { event: K }>> {
    const event = await this.any();
    if (event.event !== kind) throw new Error(`${event.event} instead of ${kind}: ${JSON.stringify(event)}`);
    return event as Extract<Event, { event: K }>;
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
