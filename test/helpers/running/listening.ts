import type { ListenEvent } from '../../../src/document/listen-event.js';
import { type Running, type RunOptions, startPeerpid } from './run-peerpid.js';
import { RunningEvents } from './running-events.js';

/** A `peerpid listen --json` that runs: its events, one after the other. */
export class Listening extends RunningEvents<ListenEvent> {
  private constructor(child: Running) {
    super(child, 'listen');
    child.stdin.end();
  }

  /** Starts it, and waits until it listens. */
  static async start(args: readonly string[], options?: RunOptions): Promise<Listening> {
    const listening = new Listening(startPeerpid(['listen', '--json', ...args], options));
    await listening.next('listening');
    return listening;
  }

  /** The next event of this kind; others before it are passed over. */
  override async next<K extends ListenEvent['event']>(kind: K): Promise<Extract<ListenEvent, { event: K }>> {
    for (;;) {
      const event = await this.any();
      if (event.event === kind) return event as Extract<ListenEvent, { event: K }>;
    }
  }
}
