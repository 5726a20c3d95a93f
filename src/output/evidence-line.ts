import type { Step } from '../evidence.js';
import { sanitise } from './sanitise.js';
import type { Style } from './style.js';

/** One step of `--explain`: the call and its answer as strace(1) has them, and below it what follows. */
export function evidenceLine({ call, answer, concluded }: Step, { chalk }: Style): string {
  const line = `${sanitise(call)} = ${chalk.bold(sanitise(answer))}\n`;
  return concluded === undefined ? line : `${line}    ${chalk.dim(`-> ${sanitise(concluded)}`)}\n`;
}
