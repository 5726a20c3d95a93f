import { deceivesSomebody } from '../../connections/connections.js';
import type { Mark, MarkedConnection } from '../../connections/marked-connections.js';
import type { Selection } from '../../connections/selection.js';
import { nothingYet } from './nothing-yet.js';
import { notSeenBetween } from './not-seen-between.js';
import { scanSummary } from '../scan/scan-summary.js';
import { plain, type Style } from '../style.js';
import { timeOfDay } from '../time.js';
import { cut } from '../width.js';
import { paintMark } from './watch-lines.js';

/** Draws connections as scan's table does: the headings, then a line for each. */
export type DrawConnections = (selection: Selection, style: Style) => string[];

/** What a screen shows. */
export interface Frame {
  /** Of the last scan, ISO 8601. */
  readonly time: string;
  /** Milliseconds. */
  readonly interval: number;
  readonly isPaused: boolean;
  readonly selection: Selection;
  readonly lines: readonly MarkedConnection[];
  /** What happened, plain, the latest last. */
  readonly log: readonly string[];
}

/**
 * A table of connections cut to a screen, and above it when it was, what it
 * sums up to and what could not be seen; below it, on a screen that is high
 * enough, what happened last.
 *
 * @param rows - of the screen
 * @returns no more lines than that
 */
export function watchFrame(frame: Frame, rows: number, style: Style, draw: DrawConnections): string[] {
  const width = style.width ?? 80;
  const head = headOf(frame, rows, width, style);
  const logRows = rows < 16 ? 0 : Math.min(5, Math.floor(rows / 6));
  const room = rows - head.length - 2 - (logRows > 0 ? logRows + 1 : 0);
  const { shown, more } = fitting(frame.lines, Math.max(1, room));
  const connections = shown.map(({ connection }) => connection);
  const drawn = draw({ ...frame.selection, connections }, { ...style, width: width - 2 });
  const table = drawn.slice(0, shown.length + 1).map((line, index) => {
    const mark = shown[index - 1]?.mark;
    return paintMark(`${mark ?? ' '} ${line}`, mark, style);
  });
  if (more !== undefined) table.push(style.chalk.dim(cut(`  ${more}`, width)));
  const lines = [...head, '', ...table];
  if (logRows > 0) {
    const log = frame.log.slice(-logRows).map((line) => style.chalk.dim(cut(line, width)));
    while (lines.length < rows - log.length) lines.push('');
    lines.push(...log);
  }
  return lines.slice(0, rows);
}

function headOf(frame: Frame, rows: number, width: number, { chalk }: Style): string[] {
  const every = frame.isPaused ? 'paused' : `every ${frame.interval / 1000} s`;
  const counts = (['+', '-', '~'] as const).map((mark) => `${mark}${countOf(frame.lines, mark)}`).join(' ');
  const left = `peerpid scan  ${timeOfDay(frame.time)}, ${every}  ${counts}`;
  const right = `q quits, space ${frame.isPaused ? 'goes on' : 'pauses'}`;
  const gap = width - left.length - right.length;
  const title = gap < 2 ? cut(left, width) : `${left}${' '.repeat(gap)}${right}`;
  const facts = scanSummary(frame.selection.document, plain)
    .split('\n')
    .filter((line) => !line.startsWith('findings: '))
    .toSpliced(1, 0, ...nothingYet(frame.selection.document))
    .concat(notSeenBetween(frame.interval))
    .map((line) => cut(line, width));
  return [chalk.bold(title), ...facts.slice(0, Math.max(1, Math.floor(rows / 4)))];
}

/** All in their order if there is room; else first what deceives somebody, then what something happened to. */
function fitting(
  lines: readonly MarkedConnection[],
  room: number,
): { readonly shown: readonly MarkedConnection[]; readonly more: string | undefined } {
  if (lines.length <= room) return { shown: lines, more: undefined };
  const urgent = lines.map((line) => ({ line, urgency: urgencyOf(line) }));
  const sorted = urgent.sort((a, b) => a.urgency - b.urgency).map(({ line }) => line);
  const shown = sorted.slice(0, Math.max(0, room - 1));
  const hidden = sorted.slice(shown.length);
  const marks = (['+', '-', '~'] as const).flatMap((mark) => {
    const number = countOf(hidden, mark);
    return number === 0 ? [] : [`${mark}${number}`];
  });
  return { shown, more: `and ${hidden.length} more${marks.length === 0 ? '' : ` (${marks.join(' ')})`}` };
}

function urgencyOf({ connection, mark }: MarkedConnection): number {
  if (deceivesSomebody(connection)) return 0;
  return mark === undefined ? 2 : 1;
}

function countOf(lines: readonly MarkedConnection[], mark: Mark): number {
  return lines.filter((line) => line.mark === mark).length;
}
