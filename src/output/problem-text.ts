import type { Problem } from '../words/problem.js';
import { sanitise } from '../words/sanitise.js';
import { fold } from './fold.js';
import type { Style } from './style.js';

/** A problem on standard error: one line of what happened, one of what to do. */
export function problemText({ message, hint }: Problem, { chalk, width }: Style): string {
  const line = (label: string, text: string, paint: (label: string) => string, indent: number): string =>
    `${paint(label)}${fold(`${label} ${sanitise(text)}`, width, indent).slice(label.length)}\n`;
  return `${line('peerpid:', message, chalk.red, 2)}${line('  hint:', hint, chalk.dim, 8)}`;
}
