import type { Mark, MarkedConnection } from '../../connections/marked-connections.js';
import type { Selection } from '../../connections/selection.js';
import { scanSummary } from '../scan/scan-summary.js';
import { plain, type Style } from '../style.js';
import { timeOfDay } from '../time.js';
import { cut } from '../width.js';
import type { Browsing } from './arranged-lines.js';
import { keyHelp, keyLine } from './key-help.js';
import { notSeenBetween } from './not-seen-between.js';
import { nothingYet } from './nothing-yet.js';
import { paintMark } from './watch-lines.js';

/** What a screen shows. */
export interface Frame {
  /** Of the last scan, ISO 8601. */
  readonly time: string;
  /** Milliseconds. */
  readonly interval: number;
  readonly isPaused: boolean;
  readonly selection: Selection;
  /** All of the last scan. */
  readonly all: readonly MarkedConnection[];
  /** Those that are to be shown, in their order. */
  readonly lines: readonly MarkedConnection[];
  /** The headings, and below them a line of text for each of `lines`, as scan's table has them, two columns narrower. */
  readonly table: readonly string[];
  /** The heading of the column by which lines are sorted. */
  readonly sortedBy: string | undefined;
  /** What happened, plain, the latest last. */
  readonly log: readonly string[];
  readonly browsing: Browsing;
  /** Whether there are keys to press. */
  readonly hasKeys: boolean;
}

/** A frame as it is drawn. */
export interface DrawnFrame {
  /** No more than the screen has rows. */
  readonly text: readonly string[];
  /** For how many connections there is room. */
  readonly room: number;
}

/**
 * A part of a table of connections, and above it when it was, what it sums up to and what could not be seen; below
 * it, on a screen that is high enough, what happened last, and which keys there are.
 *
 * @param rows - of the screen
 */
export function watchFrame(frame: Frame, rows: number, style: Style): DrawnFrame {
  const width = style.width ?? 80;
  const head = [...headOf(frame, rows, width, style), ''];
  const foot = footOf(frame, rows, width, style);
  const room = Math.max(1, rows - head.length - foot.length - 1);
  const body = frame.browsing.isHelp ? keyHelp(width, style) : linesOf(frame, room, width, style);
  const space = Math.max(0, rows - head.length - foot.length);
  const shown = body.slice(0, space);
  // What stands at the end stays there
  if (foot.length > 0) while (shown.length < space) shown.push('');
  const isAll = frame.lines.length <= room;
  return { text: [...head, ...shown, ...foot].slice(0, rows), room: isAll ? room : Math.max(1, room - 1) };
}

/** The headings and the lines that have room, with a line that says how many there are where some have none. */
function linesOf({ lines, table, sortedBy, browsing }: Frame, room: number, width: number, style: Style): string[] {
  const isAll = lines.length <= room;
  const most = isAll ? room : Math.max(1, room - 1);
  const top = Math.max(0, Math.min(browsing.top, lines.length - most));
  const end = Math.min(lines.length, top + most);
  const heading = `  ${table[0] ?? ''}`;
  const drawn = [sortedBy === undefined ? heading : withArrow(heading, sortedBy, browsing.backwards ? '↓' : '↑')];
  for (let at = top; at < end; at++) {
    const mark = lines[at]?.mark;
    drawn.push(paintMark(`${mark ?? ' '} ${table[at + 1] ?? ''}`, mark, style));
  }
  if (lines.length === 0 && browsing.filter !== '') drawn.push(style.chalk.dim('  nothing has that in it'));
  if (isAll) return drawn;
  const outOfSight = marksIn([...lines.slice(0, top), ...lines.slice(end)]).filter((text) => !/^.0$/.test(text));
  const marks = outOfSight.length === 0 ? '' : `, out of sight: ${outOfSight.join(' ')}`;
  return [...drawn, style.chalk.dim(cut(`  lines ${top + 1} to ${end} of ${lines.length}${marks}`, width))];
}

/** Puts it into the first of the blanks behind a heading, which may be coloured. Columns stay where they are. */
function withArrow(headings: string, heading: string, arrow: string): string {
  return headings.replace(
    new RegExp(`(?<=[ m])${heading}(\x1b\\[\\d+m)?(?: |$)`),
    (_, colour: string | undefined) => `${heading}${colour ?? ''}${arrow}`,
  );
}

function headOf(frame: Frame, rows: number, width: number, { chalk }: Style): string[] {
  const every = frame.isPaused ? 'paused' : `every ${frame.interval / 1000} s`;
  const left = `peerpid scan  ${timeOfDay(frame.time)}, ${every}  ${marksIn(frame.all).join(' ')}`;
  const right =
    frame.sortedBy === undefined ? '' : `by ${frame.sortedBy}${frame.browsing.backwards ? ', reversed' : ''}`;
  const gap = width - left.length - right.length;
  const title = right === '' || gap < 2 ? cut(left, width) : `${left}${' '.repeat(gap)}${right}`;
  const facts = scanSummary(frame.selection.document, plain)
    .split('\n')
    .filter((line) => !line.startsWith('findings: '))
    .toSpliced(1, 0, ...nothingYet(frame.selection.document))
    .concat(notSeenBetween(frame.interval))
    .map((line) => cut(line, width));
  return [chalk.bold(title), ...facts.slice(0, Math.max(1, Math.floor(rows / 4)))];
}

/** What happened last, and the line of keys. */
function footOf(frame: Frame, rows: number, width: number, style: Style): string[] {
  const most = rows < 16 ? 0 : Math.min(5, Math.floor(rows / 6));
  const log = most === 0 ? [] : frame.log.slice(-most).map((line) => style.chalk.dim(cut(line, width)));
  const above = log.length === 0 ? [] : ['', ...log];
  if (!frame.hasKeys) return above;
  const found = `${frame.lines.length} of ${frame.all.length}`;
  return [...above, keyLine(frame.browsing, { found, isPaused: frame.isPaused }, width, style)];
}

function marksIn(lines: readonly MarkedConnection[]): string[] {
  const counts: Record<Mark, number> = { '+': 0, '-': 0, '~': 0 };
  for (const { mark } of lines) if (mark !== undefined) counts[mark]++;
  return Object.entries(counts).map(([mark, number]) => `${mark}${number}`);
}
