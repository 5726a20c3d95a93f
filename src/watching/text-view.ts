import type { SteadyOutput } from '../cli/steady-output.js';
import { markConnections } from '../connections/marked-connections.js';
import { scanSummary } from '../output/scan/scan-summary.js';
import type { Style } from '../output/style.js';
import { timeOfDay } from '../output/time.js';
import { notSeenBetween } from '../output/watch/not-seen-between.js';
import { nothingYet } from '../output/watch/nothing-yet.js';
import { watchLines } from '../output/watch/watch-lines.js';
import type { WatchRound, WatchView } from './watcher.js';

/** Prints what happens as a line of text for each connection that it happened to, after what there is at the start. */
export class TextView implements WatchView {
  constructor(
    private readonly style: Style,
    private readonly output: SteadyOutput,
    /** Milliseconds. */
    private readonly interval: number,
  ) {}

  show({ time, before, now, difference }: WatchRound): void {
    if (before === undefined) {
      const [first = '', ...rest] = scanSummary(now.document, this.style).split('\n');
      rest.unshift(...nothingYet(now.document));
      this.output.write(
        `${[`${timeOfDay(time)}   ${first}`, ...[...rest, notSeenBetween(this.interval)].map((line) => `  ${line}`)].join('\n')}\n`,
      );
      return;
    }
    const lines = watchLines(time, markConnections(before.connections, now.connections, difference), this.style);
    if (lines.length > 0) this.output.write(`${lines.join('\n')}\n`);
  }

  [Symbol.dispose](): void {
    // Nothing is held
  }
}
