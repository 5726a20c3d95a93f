import { startSecondThread } from '../scanning/survey/second-thread.js';

/**
 * Runs the command line.
 *
 * @param url - of the file that was started, from which oclif finds package.json
 */
export async function main(url: string): Promise<void> {
  // All the rest takes a while to load, in which the second thread gets to work
  const second =
    process.argv[2] === 'scan'
      ? startSecondThread(new URL('../dist/cli/survey-worker.cjs', url), process.argv.slice(3))
      : undefined;
  const { commandLine } = await import('./command-line.js');
  await commandLine(url, second);
}
