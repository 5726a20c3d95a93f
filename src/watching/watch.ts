import { isReaderGone } from '../../native-probe/reader-gone.js';
import { scanExitStatus } from '../cli/exit-status.js';
import { SteadyOutput } from '../cli/steady-output.js';
import type { Selection } from '../connections/selection.js';
import { connectionTable, tableOf, type TableOptions } from '../output/scan/scan-text.js';
import { styleOf } from '../output/style.js';
import { exitStatuses } from '../words/problem.js';
import { JsonView } from './json-view.js';
import { ScreenView } from './screen-view.js';
import { TextView } from './text-view.js';
import { Watcher, type WatchView } from './watcher.js';

/** How to watch. */
export interface WatchOptions {
  /** Milliseconds between two scans. */
  readonly interval: number;
  readonly json: boolean;
  /** Whether a scan asks sockets for their peers, on which the exit status depends. */
  readonly audit: boolean;
  /** Whether every PID has to be believed. */
  readonly strict: boolean;
  /** Whether there may be nothing, all the time, of what was named. */
  readonly 'allow-empty': boolean;
  /** Makes one scan. */
  readonly look: () => Selection;
  /** How the table on a terminal is to look; its order is that of the lines of text, too. */
  readonly table: TableOptions;
}

/**
 * Scans again and again, and shows what is different, until it is ended.
 *
 * @returns the exit status, which is that of the worst that was ever shown
 */
export async function watch(options: WatchOptions): Promise<number> {
  const { interval, json, audit, strict, look, table } = options;
  let mayBeEmpty = options['allow-empty'];
  let status: number = exitStatuses.believed;
  const lookAgain = (): Selection => {
    const now = look();
    // Once something was not believed it stays so; that nothing could be seen is over when something is
    if (status !== exitStatuses.notBelieved) {
      mayBeEmpty ||= !now.nothingNamed;
      status = scanExitStatus(now, { audit, strict, 'allow-empty': mayBeEmpty });
    }
    return { ...now, connections: tableOf(now, table).connections };
  };
  const output = new SteadyOutput();
  const watcher = new Watcher(lookAgain, interval, {
    isGone: () => isReaderGone(process.stdout.fd),
    isFull: () => output.isFull,
  });
  using view = watchViewFor(watcher);
  // The event loop waits once, by which it is seen where signals come from: native-probe/calls/signal-pipe.ts
  await new Promise((resolve) => setImmediate(resolve));
  if (await watcher.run(view)) await output.finish();
  // Unless the output could not be written
  return typeof process.exitCode === 'number' ? process.exitCode : status;

  function watchViewFor(control: Watcher): WatchView {
    if (json) return new JsonView(output);
    if (!process.stdout.isTTY) return new TextView(styleOf(process.stdout), output, interval);
    return new ScreenView(control, output, {
      interval,
      isSorted: table.sort !== undefined,
      columns: (selection) => tableOf(selection, { columns: table.columns }).columns,
      draw: (selection, style) => connectionTable(selection, style, { columns: table.columns, each: true }).split('\n'),
      style: () => styleOf(process.stdout),
    });
  }
}
