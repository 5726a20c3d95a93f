/**
 * Runs the command line.
 *
 * @param url - of the file that was started, from which oclif finds package.json
 */
export async function main(url: string): Promise<void> {
  // Everything else takes a while to load, in which the second thread can come up
  if (process.argv[2] === 'scan') {
    const { startSecondThread } = await import('./scanning/second-thread.js');
    startSecondThread(new URL('../dist/cli/survey-worker.cjs', url), process.argv.slice(3));
  }
  const { commandLine } = await import('./command-line.js');
  await commandLine(url);
}
