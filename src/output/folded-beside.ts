import { wrapAnsi } from 'fast-wrap-ansi';

import type { Style } from './style.js';

/** Text that stands beside something of so many columns, folded to the terminal's width. */
export function foldedBeside(text: string, columns: number, { width }: Style): string {
  const folded = width === undefined ? text : withMarks(wrapAnsi(text, Math.max(20, width - columns), { hard: true }));
  return folded.replaceAll('\n', `\n${' '.repeat(columns)}`);
}

/** Combining marks stay in the line of their letter, from which wrapAnsi breaks them. Colour may stand between. */
function withMarks(folded: string): string {
  return folded.replace(/((?:\x1b\[\d+m)*)\n((?:\x1b\[\d+m)*)(\p{M}+)/gu, '$3$1\n$2');
}
