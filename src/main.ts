import { fileURLToPath } from 'node:url';

import { Errors, run, settings } from '@oclif/core';

import { problemOf } from './errors.js';
import { problemDocument, problemText } from './output/problem-text.js';
import { watchOutput } from './output-closed.js';
import { safeJson } from './output/sanitise.js';
import { styleOf } from './output/style.js';

/**
 * Runs the command line.
 *
 * @param url - of the file that was started, from which oclif finds package.json
 */
export async function main(url: string): Promise<void> {
  settings.enableAutoTranspile = false;
  watchOutput();
  try {
    await run(process.argv.slice(2), { root: fileURLToPath(url), devPlugins: false, userPlugins: false });
  } catch (error) {
    // What ends before a command has begun, or could not even be loaded
    if (error instanceof Errors.ExitError) {
      process.exitCode = error.oclif.exit ?? 1;
      return;
    }
    const problem = problemOf(error, {}, '');
    process.exitCode = problem.exitStatus;
    if (process.argv.includes('--json')) process.stdout.write(`${safeJson(problemDocument(problem), 0)}\n`);
    else process.stderr.write(problemText(problem, styleOf(process.stderr)));
  }
}
