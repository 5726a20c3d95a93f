import * as Errors from '@oclif/core/errors';
import { run } from '@oclif/core/run';
import { settings } from '@oclif/core/settings';

import { supportedArchitecture, UnsupportedPlatformError } from '../../native-probe/platform.js';
import { isSingleExecutable } from '../../native-probe/program-files.js';
import { problemDocument } from '../document/error-document.js';
import { problemText } from '../output/problem-text.js';
import { styleOf } from '../output/style.js';
import { type SecondThread, startSecondThreadLater, useSecondThread } from '../scanning/survey/second-thread.js';
import { exitStatuses, Problem } from '../words/problem.js';
import { safeJson } from '../words/sanitise.js';
import { ownPlugin, type Program } from './own-plugin.js';
import { rememberBlocking, watchOutput } from './standard-output.js';
import { unknownCommand } from './unknown-command.js';

/**
 * Runs the command that was typed. What goes wrong is printed, and becomes the exit status.
 *
 * @param root - the package's directory
 * @param blocking - standard descriptors that waited before Node made its streams
 * @param second - the thread that already collects what a scan needs, or the program of one that may be started; if it is a scan
 */
export type CommandLine = (
  root: string,
  blocking: readonly number[],
  second: SecondThread | string | undefined,
) => Promise<void>;

/** The command line of a program. */
export function commandLineOf(program: Program): CommandLine {
  return (...args) => commandLine(program, ...args);
}

async function commandLine(
  program: Program,
  root: string,
  blocking: readonly number[],
  second: SecondThread | string | undefined,
): Promise<void> {
  rememberBlocking(blocking);
  if (typeof second === 'string') startSecondThreadLater(second);
  else if (second !== undefined) useSecondThread(second);
  settings.enableAutoTranspile = false;
  watchOutput();
  try {
    const plugin = ownPlugin(program, root);
    await run(process.argv.slice(2), { root, plugins: new Map([[plugin.name, plugin]]) });
  } catch (error) {
    // A command catches its own errors: this one came before the command began, or while it was loaded
    if (error instanceof Errors.ExitError) {
      process.exitCode = error.oclif.exit ?? exitStatuses.couldNotLook;
      return;
    }
    const problem = unsupported() ?? (await problemOf(error));
    process.exitCode = problem.exitStatus;
    if (process.argv.includes('--json')) process.stdout.write(`${safeJson(problemDocument(problem), 0)}\n`);
    else process.stderr.write(problemText(problem, styleOf(process.stderr)));
  }
}

/** On a platform that peerpid does not support, whatever error there is comes from that: koffi fails first, with words of its own. */
function unsupported(): Problem | undefined {
  try {
    supportedArchitecture();
    return undefined;
  } catch (error) {
    if (!(error instanceof UnsupportedPlatformError)) throw error;
    const hint = 'Only another machine helps.';
    return new Problem('UNSUPPORTED', error.message, hint, exitStatuses.notPossibleHere);
  }
}

/** Loads the advice only when there is an error: advice asks the system, which needs koffi, and `--help` must not fail for want of koffi. */
function problemOf(error: unknown): Promise<Problem> | Problem {
  if (error instanceof Errors.CLIError && /^command [^]* not found$/.test(error.message)) {
    return unknownCommand(process.argv.slice(2));
  }
  return Promise.all([import('./advice/errors.js'), import('./ending.js')]).then(
    ([errors, { endWithoutDestructors }]) => {
      endWithoutDestructors();
      return errors.problemOf(error, {}, { command: '', options: [], otherWith: () => undefined });
    },
    withoutKoffi,
  );
}

/** koffi's native part is missing, is another platform's, lies where nothing may be executed, or cannot be loaded from within. */
function withoutKoffi(reason: unknown): Problem {
  const [why = ''] = (reason instanceof Error ? reason.message : String(reason)).split('\n');
  return new Problem(
    'NO_KOFFI',
    `koffi, through which peerpid makes its system calls, cannot be loaded: ${why}`,
    isSingleExecutable()
      ? 'It is within the executable, and loaded from memory (memfd_create(2)) or from a file in TMPDIR, /dev/shm, /run or /var/tmp: one of these must be allowed, and not be mounted noexec.'
      : 'Install peerpid again, on this machine, with npm’s optional packages, and not on a file system that is mounted noexec.',
  );
}
