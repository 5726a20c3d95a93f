import type { Problem } from '../words/problem.js';
import { sanitise } from '../words/sanitise.js';
import { fold } from './fold.js';
import type { Style } from './style.js';

/** A problem on standard error: one line of what happened, one of what to do. */
export function problemText({ message, hint }: Problem, style: Style): string {
  const { chalk } = style;
  return `${line('peerpid:', message, chalk.red, 2, style)}${line('  hint:', hint, chalk.dim, 8, style)}`;
}

/** A warning on standard error, in one line. */
export function warningText(text: string, style: Style): string {
  return line('peerpid: warning:', text, style.chalk.magenta, 2, style);
}

function line(label: string, text: string, paint: (label: string) => string, indent: number, { width }: Style): string {
  return `${paint(label)}${fold(`${label} ${sanitise(text)}`, width, indent).slice(label.length)}\n`;
}
