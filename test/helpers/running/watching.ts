import type { WatchEvent } from '../../../src/document/watch-event.js';
import { type Running, type RunOptions, startPeerpid } from './run-peerpid.js';
import { RunningEvents } from './running-events.js';

type Kind = WatchEvent['event'];
type Event<K extends Kind> = Extract<WatchEvent, { event: K }>;

/** A `peerpid scan --watch --json` that runs: its events, one after the other. */
export class Watching extends RunningEvents<WatchEvent> {
  private constructor(child: Running) {
    super(child, 'watch');
  }

  /** Starts it, and waits until it has told what there is. */
  static async start(args: readonly string[], options?: RunOptions): Promise<Watching> {
    const watching = new Watching(startPeerpid(['scan', '--watch', '0.2', '--json', ...args], options));
    try {
      const { summary } = await watching.next('scan');
      for (let socket = 0; socket < summary.sockets; socket++) await watching.next('present');
    } catch (error) {
      await watching[Symbol.asyncDispose]();
      throw error;
    }
    return watching;
  }

  /** What is told until the end of a round of which this is so, and it. */
  async until(isSo: (events: readonly WatchEvent[]) => boolean): Promise<WatchEvent[]> {
    const events: WatchEvent[] = [];
    do {
      do events.push(await this.any());
      while (events.at(-1)?.event !== 'round');
    } while (!isSo(events));
    return events;
  }
}

/** Those of one kind. */
export function eventsOf<K extends Kind>(events: readonly WatchEvent[], kind: K): Event<K>[] {
  return events.filter((event): event is Event<K> => event.event === kind);
}
