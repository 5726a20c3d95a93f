import type { GuestEvent } from './guest-event.js';

/** What came of the tests on one kernel. */
export class Tally {
  passed = 0;
  readonly failed: { readonly title: string; readonly error: string }[] = [];
  readonly skipped: string[] = [];
  /** Why it did not come to its end. */
  problem: string | undefined;
  readonly #start = performance.now();
  seconds = 0;

  constructor(readonly kernel: string) {}

  count(event: GuestEvent): void {
    this.seconds = (performance.now() - this.#start) / 1000;
    if (event.event === 'pass') this.passed += 1;
    else if (event.event === 'fail') this.failed.push(event);
    else if (event.event === 'skip') this.skipped.push(event.title);
  }

  /** That none failed is not enough where none was run. */
  get isGood(): boolean {
    return this.problem === undefined && this.failed.length === 0 && this.passed > 0;
  }
}

/** A line for each kernel. */
export function tableOf(tallies: readonly Tally[]): string {
  const rows = tallies.map((tally) => [
    tally.kernel,
    ...[tally.passed, tally.failed.length, tally.skipped.length, Math.round(tally.seconds)].map(String),
    tally.problem ?? '',
  ]);
  const lines = [['kernel', 'passed', 'failed', 'skipped', 'seconds', ''], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}

/** How often each reason was given to skip a test. */
export function reasonsOf(skipped: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const title of skipped) {
    const reason = /\(skipped: (.*?)\)+$/.exec(title)?.[1] ?? title;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => `${count} skipped: ${reason}`);
}
