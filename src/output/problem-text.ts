import type { Problem } from '../problem.js';
import { sanitise } from './sanitise.js';
import type { Style } from './style.js';

/** A problem on standard error: one line of what happened, one of what to do. */
export function problemText({ message, hint }: Problem, { chalk }: Style): string {
  return `${chalk.red('peerpid:')} ${sanitise(message)}\n${chalk.dim('  hint:')} ${sanitise(hint)}\n`;
}

/** The same as JSON. */
export function problemDocument({ code, message, hint }: Problem): {
  error: { code: string; message: string; hint: string };
} {
  return { error: { code, message, hint } };
}
