import { execFileSync } from 'node:child_process';

import { TemporaryDirectory } from '../machine/temporary.js';
import { waitFor } from '../wait-for.js';
import { peerpid, within } from './run-peerpid.js';

/** What a terminal of so many columns shows of `peerpid`: real, by tmux(1). */
export interface Screen {
  /** As it was printed: a line that is wider than the terminal would be one here. */
  readonly lines: readonly string[];
  /** The same with its colours. */
  readonly painted: string;
}

const done = 'the end, with status';

/** Runs peerpid in a terminal. @param wrapper - a command that runs it */
export async function runInTerminal(
  columns: number,
  args: readonly string[],
  wrapper: readonly string[] = [],
): Promise<Screen> {
  using directory = new TemporaryDirectory();
  const tmux = (...command: string[]): string =>
    execFileSync('tmux', ['-S', directory.file('tmux'), '-f', '/dev/null', ...command], {
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: undefined, TERM: 'screen-256color' },
    });
  const command = [...wrapper, process.execPath, peerpid, ...within(args, wrapper)].map((one) => `'${one}'`).join(' ');
  const size = ['-x', String(columns), '-y', '200'];
  tmux('new-session', '-d', ...size, `${command}; echo "${done} $?"; exec sleep 60`);
  try {
    const capture = (...more: string[]): string => tmux('capture-pane', '-p', '-J', ...more);
    await waitFor('it has ended', () => capture().includes(done), 15_000);
    const lines = capture()
      .split('\n')
      .map((line) => line.trimEnd());
    const end = lines.findIndex((line) => line.startsWith(done));
    return { lines: lines.slice(0, end), painted: capture('-e') };
  } finally {
    tmux('kill-server');
  }
}
