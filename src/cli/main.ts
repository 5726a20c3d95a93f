import { dirname, join } from 'node:path';

import { startSecondThread } from '../scanning/survey/second-thread.js';
import { defaultEnvironment, environment, setEnvironment } from '../words/environment.js';
import { isBpfLikely } from './bpf-likely.js';
import { blockingDescriptors } from './blocking-descriptors.js';
import type { CommandLine } from './command-line.js';
import { socketNames } from './socket-names.js';
import { typedWords } from './typed-words.js';
import { bundleFor } from './which-bundle.js';

export { loadBundle } from './load-bundle.js';

/**
 * Runs the command line.
 *
 * @param file - that was started
 * @param load - a module of the program, as require() does
 */
export async function main(file: string, load: (file: string) => unknown): Promise<void> {
  if (process.argv[2] === '__sockets') {
    process.stdout.on('error', () => undefined).write(socketNames());
    return;
  }
  // All is done: else Node takes V8's heap apart before it ends
  process.once('beforeExit', () => process.exit());
  // Before whatever makes the streams: a thread does, and oclif as it is loaded
  const blocking = blockingDescriptors();
  const words = typedWords(process.argv.slice(2));
  // Oclif looks at these, too
  process.argv.splice(2, Infinity, ...words);
  // Of a scan the second thread already collects, while all the rest is loaded
  const isScan =
    words[0] === 'scan' &&
    !words.includes('--help') &&
    !words.includes('-h') &&
    environment('PEERPID_STARTED_OVER') === undefined;
  const program = isScan ? join(dirname(file), '../dist/cli/survey-worker.cjs') : undefined;
  const second = program === undefined || isBpfLikely(words) ? program : startSecondThread(program);
  spareUserDatabase();
  readNoTheme();
  const bundle = load(join(dirname(file), '../dist/cli', bundleFor(words))) as { commandLine: CommandLine };
  await bundle.commandLine(join(dirname(file), '..'), blocking, second);
}

/**
 * Where these are not set, as in a service or a container, oclif looks them up in the user database, one of them as it
 * is loaded: that fails for a user who is not in it, and is a question to nscd or LDAP otherwise. Nothing here depends
 * on them.
 */
function spareUserDatabase(): void {
  defaultEnvironment('HOME', '/');
  defaultEnvironment('SHELL', 'sh');
}

/**
 * oclif would read ~/.config/peerpid/theme.json: root's HOME may be another user's (sudo keeps it on some systems), and
 * a FIFO there is waited for without an end.
 */
function readNoTheme(): void {
  setEnvironment('PEERPID_DISABLE_THEME', '1');
}
