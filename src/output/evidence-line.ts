import type { Step } from '../words/evidence.js';
import { sanitise } from '../words/sanitise.js';
import { fold } from './fold.js';
import type { Style } from './style.js';

/** One step of `--explain`: the call and its answer as strace(1) has them, and below it what follows. */
export function evidenceLine({ call, answer, concluded }: Step, { chalk, width }: Style): string {
  const line = `${sanitise(call)} = ${sanitise(answer)}`;
  const folded = fold(line, width, 4);
  const shown = folded === line ? `${sanitise(call)} = ${chalk.bold(sanitise(answer))}` : folded;
  if (concluded === undefined) return `${shown}\n`;
  return `${shown}\n${chalk.dim(fold(`    -> ${sanitise(concluded)}`, width, 7))}\n`;
}
