import type { BusEvent } from '../../../src/document/bus-event.js';
import { type Running, type RunOptions, startPeerpid } from './run-peerpid.js';
import { RunningEvents } from './running-events.js';

/** A `peerpid bus --watch --json` that runs: its events, one after the other. */
export class BusEvents extends RunningEvents<BusEvent> {
  private constructor(child: Running) {
    super(child, 'bus-watch');
    child.stdin.end();
  }

  /** Starts it; what is there at the start is its first events. */
  static start(address: string, args: readonly string[] = [], options?: RunOptions): BusEvents {
    return new BusEvents(startPeerpid(['bus', '--watch', '--json', '--address', address, ...args], options));
  }
}
