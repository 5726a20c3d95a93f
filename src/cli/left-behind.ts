import type { LeftBehind } from '../../native-probe/syscall-error.js';
import { problemText } from '../output/problem-text.js';
import { styleOf } from '../output/style.js';
import { Problem } from '../words/problem.js';

/** Tells on standard error of what a command could not remove: its document or summary is told by then. */
export function tellLeft(what: string, hint: string): LeftBehind {
  return ({ code, subject }) => {
    const problem = new Problem(code, `${what} ${subject} could not be removed (${code})`, hint);
    process.stderr.write(problemText(problem, styleOf(process.stderr)));
  };
}
