import { type Asked, Question } from '../calls/question.js';
import { SyscallError } from '../syscall-error.js';
import { type Answers, type AskedProcess, factsOf, processQuestion } from './asked-process.js';
import {
  type AnsweredStrings,
  type AskedStrings,
  askCommandLine,
  stringsFrom,
  stringsQuestion,
} from './process-strings.js';

/** As askProcess() and askCommandLine() give them. */
export interface AskedTogether {
  readonly process: AskedProcess;
  readonly commandLine: AskedStrings;
}

const kind = Symbol('process and command line');

/**
 * Asks whoever has the number now for what askProcess() and askCommandLine() do, the command line behind the rest: one
 * thread is woken up rather than two.
 *
 * @returns undefined where that is not possible: each is to be asked by itself, and tells why
 * @throws SyscallError as askProcess() where nobody has the number, or may not be looked at: the command line was not asked for
 */
export function askTogether(pid: number): AskedTogether | undefined {
  const asked = bothOf(pid, processQuestion(pid));
  if (asked === undefined) return undefined;
  const [process, commandLine] = asked;
  const behind = stringsFrom(commandLine);
  let own: AskedStrings | undefined;
  // Whoever keeps the first from being answered need not keep the command line
  const current = (): AskedStrings => (process.isGivenUp ? (own ??= askCommandLine(pid)) : behind);
  return {
    process: factsOf(pid, process, false),
    commandLine: {
      answer: () => current().answer(),
      takeWithin: (milliseconds) => {
        // What cannot be asked anew is told by the answer
        if (!process.isGivenUp) behind.takeWithin(milliseconds);
      },
      waitFor: (timeout) => current().waitFor(timeout),
    },
  };
}

function bothOf(pid: number, first: Asked<Answers>): ReturnType<typeof Question.askBoth<Answers, AnsweredStrings>> {
  try {
    return Question.askBoth(kind, first, () => stringsQuestion(pid, 'cmdline'));
  } catch (error) {
    if (error instanceof SyscallError) return undefined;
    throw error;
  }
}
