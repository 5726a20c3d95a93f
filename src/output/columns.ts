import type { Style } from './style.js';
import { columnsOf, cut, cutStart, widestCell } from './width.js';

/** One column of a list. */
export interface Column {
  readonly heading: string;
  /** The fewest columns of the terminal that it may be cut to; whole without it. */
  readonly least?: number;
  /** Of a path the end tells more: it is cut at its beginning. */
  readonly keepsEnd?: boolean;
  /** Whether it is left out on a terminal that is too narrow: `early` where others would be cut, `late` where all are as narrow as may be. */
  readonly droppable?: 'early' | 'late';
}

/** Between two columns. */
export const gap = '  ';

/** What is to be shown in a column, and how wide the widest of it is shown. */
export interface Cells {
  readonly column: Column;
  readonly texts: readonly string[];
  readonly width: number;
}

/** The most columns of a cell; undefined for no limit. */
export function mostOf(truncate: boolean, { width }: Pick<Style, 'width'>): number | undefined {
  return truncate ? (width ?? widestCell) : undefined;
}

/**
 * @param texts - from the first line to the last
 * @param most - columns of the terminal, to which each is cut; whole without it
 */
export function cellsOf(column: Column, texts: readonly string[], most = Infinity): Cells {
  let width = 0;
  let last: string | undefined;
  for (const text of texts) {
    // No character takes more columns than two; and what stands under one another is often the same
    if (2 * text.length > width && text !== last) width = Math.max(width, columnsOf(text));
    last = text;
  }
  return { column, texts, width: Math.min(width, most) };
}

/**
 * Lines of aligned columns, in time by what is shown. Not by cli-table3, which takes seconds for the ten
 * thousand lines that a busy machine has.
 *
 * @param width - columns of the terminal, to which the widest are cut; undefined for no limit
 * @param paint - given each cell of the first column, and of the first line, as it is shown, padded
 */
export function alignColumns(
  columns: readonly Cells[],
  width: number | undefined,
  paint: (cell: string, line: number, column: number) => string = (cell) => cell,
): string[] {
  const widths = widthsIn(columns, width);
  const drawn = columns.map((cells, index) => paddedCells(cells, widths[index] ?? 0, index === columns.length - 1));
  const count = columns[0]?.texts.length ?? 0;
  const lines: string[] = [];
  for (let line = 0; line < count; line++) {
    let text = '';
    for (let index = 0; index < drawn.length; index++) {
      const cell = drawn[index]?.[line] ?? '';
      const shown = index === 0 || line === 0 ? paint(cell, line, index) : cell;
      text = index === 0 ? shown : text + gap + shown;
    }
    lines.push(text.trimEnd());
  }
  return lines;
}

/** How wide each column is drawn. @param width - columns of the terminal; undefined for no limit */
export function widthsIn(columns: readonly Cells[], width: number | undefined): readonly number[] {
  const widths = columns.map((cells) => cells.width);
  if (width !== undefined) shrink(columns, widths, width);
  return widths;
}

function paddedCells({ column, texts }: Cells, room: number, isLast: boolean): string[] {
  let last: string | undefined;
  let cell = '';
  return texts.map((text) => {
    if (text !== last) cell = padded(text, room, column.keepsEnd === true, isLast);
    last = text;
    return cell;
  });
}

/** Text in a room of so many columns: cut to it, and filled up with blanks unless nothing follows. */
function padded(text: string, room: number, keepsEnd: boolean, isLast: boolean): string {
  const shown = (keepsEnd ? cutStart : cut)(text, room);
  return isLast ? shown : shown + ' '.repeat(Math.max(0, room - columnsOf(shown)));
}

/** How wide a line of such columns is. */
function lineWidth(widths: readonly number[]): number {
  return widths.reduce((sum, one) => sum + one, 0) + gap.length * (widths.length - 1);
}

/** On a narrow terminal some columns make room for the others. @param width - columns of the terminal; undefined for no limit */
export function fittingColumns(
  available: readonly Cells[],
  width: number | undefined,
): { readonly columns: readonly Cells[]; readonly dropped: readonly Column[] } {
  let columns = available;
  const dropped: Column[] = [];
  if (width === undefined) return { columns, dropped };
  for (const [when, widthOf] of [
    ['early', (cells: Cells) => cells.width],
    ['late', leastOf],
  ] as const) {
    while (lineWidth(columns.map(widthOf)) > width) {
      const next = columns.find(({ column }) => column.droppable === when);
      if (next === undefined) break;
      dropped.push(next.column);
      columns = columns.filter((cells) => cells !== next);
    }
  }
  return { columns, dropped };
}

function leastOf({ column, width }: Cells): number {
  return Math.min(width, column.least ?? width);
}

/** The widest gives way first. */
function shrink(columns: readonly Cells[], widths: number[], width: number): void {
  let excess = lineWidth(widths) - width;
  while (excess > 0) {
    let widest = -1;
    columns.forEach(({ column: { least } }, column) => {
      const one = widths[column] ?? 0;
      if (least !== undefined && one > least && one > (widths[widest] ?? 0)) widest = column;
    });
    if (widest < 0) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess--;
  }
}
