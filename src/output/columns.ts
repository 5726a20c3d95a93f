import stringWidth from 'string-width';

import { cut, cutStart } from './width.js';

/** One column of a list. */
export interface Column {
  readonly heading: string;
  /** The fewest columns of the terminal that it may be cut to; whole without it. */
  readonly least?: number;
  /** Of a path the end tells more: it is cut at its beginning. */
  readonly keepsEnd?: boolean;
}

const gap = '  ';

/**
 * Lines of aligned columns. Not by cli-table3, which takes seconds for the ten
 * thousand lines that a busy machine has.
 *
 * @param width - columns of the terminal, to which the widest are cut; undefined for no limit
 * @param paint - given each cell as it is shown, padded, and the number of its line
 */
export function alignColumns(
  columns: readonly Column[],
  lines: readonly (readonly string[])[],
  width: number | undefined,
  paint: (cell: string, column: number, line: number) => string = (cell) => cell,
): string[] {
  const widths = widthsOf(lines);
  if (width !== undefined) shrink(columns, widths, width);
  const last = columns.length - 1;
  return lines.map((line, index) =>
    line
      .map((cell, column) => {
        const room = widths[column] ?? 0;
        const shown = columnsOf(cell) > room ? (columns[column]?.keepsEnd === true ? cutStart : cut)(cell, room) : cell;
        const padded = column === last ? shown : shown + ' '.repeat(room - columnsOf(shown));
        return paint(padded, column, index);
      })
      .join(gap)
      .trimEnd(),
  );
}

/** How wide each column is when nothing is cut. */
export function widthsOf(lines: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const line of lines) {
    line.forEach((cell, column) => {
      const width = columnsOf(cell);
      if (width > (widths[column] ?? 0)) widths[column] = width;
    });
  }
  return widths;
}

/** How wide a line of such columns is. */
export function lineWidth(widths: readonly number[]): number {
  return widths.reduce((sum, one) => sum + one, 0) + gap.length * (widths.length - 1);
}

/** The widest gives way first. */
function shrink(columns: readonly Column[], widths: number[], width: number): void {
  let excess = lineWidth(widths) - width;
  while (excess > 0) {
    let widest = -1;
    columns.forEach(({ least }, column) => {
      const one = widths[column] ?? 0;
      if (least !== undefined && one > least && one > (widths[widest] ?? 0)) widest = column;
    });
    if (widest < 0) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess--;
  }
}

/** Most text is ASCII, of which each character takes one column. */
function columnsOf(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);
}
