import { findProgram } from './find-program.js';

/**
 * Skips the test where a program is missing, and says so; in CI, where all of
 * them are installed, it fails. To be called in a hook or a test, with its `this`.
 */
export function requirePrograms(context: Mocha.Context, ...programs: string[]): void {
  const missing = programs.filter((program) => findProgram(program) === undefined);
  if (missing.length === 0) return;
  if (process.env['CI'] === 'true') throw new Error(`CI lacks ${missing.join(', ')}`);
  skip(context, `needs ${missing.join(', ')}`);
}

/** Skips the test where this machine does not allow it, such as a namespace without root. */
export function requireThat(context: Mocha.Context, allowed: boolean, reason: string): void {
  if (!allowed) skip(context, reason);
}

export const isRoot = process.geteuid?.() === 0;

function skip(context: Mocha.Context, reason: string): never {
  for (const test of skippedWith(context)) test.title += ` (skipped: ${reason})`;
  return context.skip();
}

/** The tests that have a line in the output: a hook has none. */
function skippedWith({ test, currentTest }: Mocha.Context): Mocha.Runnable[] {
  if (test?.title.startsWith('"before all" hook') === true) return testsOf(test.parent);
  const one = currentTest ?? test;
  return one === undefined ? [] : [one];
}

function testsOf(suite: Mocha.Suite | undefined): Mocha.Runnable[] {
  return suite === undefined ? [] : [...suite.tests, ...suite.suites.flatMap(testsOf)];
}
