import stringWidth from 'fast-string-width';

/** How many columns of a terminal a text takes. */
export function columnsOf(text: string): number {
  return isAscii(text) ? text.length : stringWidth(text);
}

/** As most text is: each of its characters takes a column. */
function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

let segmenter: Intl.Segmenter | undefined;

/** Made when first needed, which takes 13 ms. */
function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** The most columns of a table's cell where no terminal's width says how many: whole values are in the JSON. */
export const widestCell = 200;

/**
 * The most UTF-16 code units that are shown for each column. A letter with its marks, or an emoji, has fewer; combining
 * marks take no column, so that without a bound any number of them would have room.
 */
const unitsPerColumn = 8;

function unitsIn(columns: number): number {
  return unitsPerColumn * Math.max(1, columns);
}

/** Whether a text has room in so many columns, and is not cut there. */
export function fits(text: string, columns: number): boolean {
  return text.length <= unitsIn(columns) && columnsOf(text) <= columns;
}

/** Cuts text to a number of terminal columns; `…` marks where. Takes time by the columns, not by the text. */
export function cut(text: string, columns: number): string {
  if (fits(text, columns)) return text;
  const start = text.slice(0, unitsIn(columns));
  return `${kept(segmentsOf(start), start !== text, columns).join('')}…`;
}

/** The same as {@link cut}, but it is the end of the text that is kept. */
export function cutStart(text: string, columns: number): string {
  if (fits(text, columns)) return text;
  const end = text.slice(-unitsIn(columns));
  return `…${kept(segmentsOf(end).reverse(), end !== text, columns)
    .reverse()
    .join('')}`;
}

function segmentsOf(text: string): string[] {
  return isAscii(text) ? text.split('') : [...graphemesOf(text)].map(({ segment }) => segment);
}

/** The first of some graphemes that have room beside the mark. @param torn - whether the last may be but a part of one */
function kept(segments: readonly string[], torn: boolean, columns: number): string[] {
  let width = 0;
  const whole = torn ? segments.slice(0, -1) : segments;
  const end = whole.findIndex((segment) => (width += columnsOf(segment)) > columns - 1);
  return whole.slice(0, end < 0 ? whole.length : end);
}
