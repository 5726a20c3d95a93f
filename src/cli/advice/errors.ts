import { getSystemErrorMap } from 'node:util';

import * as Errors from '@oclif/core/errors';

import { SyscallError } from '../../../native-probe/syscall-error.js';
import { environment } from '../../words/environment.js';
import { exitStatuses, Problem } from '../../words/problem.js';
import { type Usage, usageMessage, usageProblem } from '../usage-words.js';
import { advice, type Circumstances } from './advice.js';
import { unreachedProblem } from './unreached/unreached-problem.js';

/** Errors that mean that this kernel or sandbox cannot do what was asked. */
const impossible = new Set(['ENOSYS', 'EPFNOSUPPORT', 'EAFNOSUPPORT']);

/**
 * The one place where what went wrong becomes words for the user and an exit status.
 *
 * @param usage - what could have been typed
 * @throws the error itself, when it is a bug and NODE_ENV is development
 */
export async function problemOf(error: unknown, circumstances: Circumstances, usage: Usage): Promise<Problem> {
  const unreached = await unreachedProblem(error, circumstances.target);
  if (unreached !== undefined) return unreached;
  if (error instanceof Problem) return withPlainMessage(error);
  if (error instanceof SyscallError) return refusedBySystem(error, circumstances);
  if (error instanceof Errors.CLIError) return usageProblem(error.message, usage);
  // A bug: whole for those who develop peerpid, one line for everybody else
  if (environment('NODE_ENV') === 'development') throw error;
  return new Problem(
    'BUG',
    `peerpid failed: ${oneLine(String(error))}`,
    'This is a bug in peerpid. Please report it with what it prints when NODE_ENV is development.',
    exitStatuses.couldNotLook,
  );
}

/** Advice that does not depend on the call. */
const generalHints: Readonly<Record<string, string>> = {
  EMFILE: 'peerpid may open too few files at once: raise the limit, for example with `ulimit -n 1024`.',
  ENFILE: 'The whole system has too many files open: see /proc/sys/fs/file-nr.',
};

function refusedBySystem(error: SyscallError, circumstances: Circumstances): Problem {
  const words = advice[`${error.syscall} ${error.code}`]?.(error, circumstances);
  if (words !== undefined) return new Problem(error.code, ...words);
  const meaning = getSystemErrorMap().get(-error.errno)?.[1];
  return new Problem(
    error.code,
    meaning === undefined ? error.message : `${error.message}: ${meaning}`,
    generalHints[error.code] ?? '`--explain` shows each step up to this one.',
    impossible.has(error.code) ? exitStatuses.notPossibleHere : exitStatuses.couldNotLook,
  );
}

function withPlainMessage(problem: Problem): Problem {
  const { code, hint, exitStatus } = problem;
  return exitStatus === exitStatuses.wrongUsage
    ? new Problem(code, usageMessage(problem.message), hint, exitStatus)
    : problem;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
