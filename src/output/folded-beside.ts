import { wrapAnsi } from 'fast-wrap-ansi';

import type { Style } from './style.js';

/** Text that stands beside something of so many columns, folded to the terminal's width. */
export function foldedBeside(text: string, columns: number, { width }: Style): string {
  const folded = width === undefined ? text : wrapAnsi(text, Math.max(20, width - columns), { hard: true });
  return folded.replaceAll('\n', `\n${' '.repeat(columns)}`);
}
