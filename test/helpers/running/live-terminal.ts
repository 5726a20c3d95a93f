import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

import { childrenOf } from '../machine/connections.js';
import { TemporaryDirectory } from '../machine/temporary.js';
import { waitFor } from '../wait-for.js';
import { peerpid, within } from './run-peerpid.js';

/** What the shell says before and after peerpid. */
export const [before, after] = ['before it began', 'the end, with status'];

/** A terminal in which peerpid runs as long as it is looked at: real, by tmux(1). */
export class LiveTerminal implements Disposable {
  readonly #directory = new TemporaryDirectory();

  /** @param wrapper - a command that runs it */
  constructor(columns: number, rows: number, args: readonly string[], wrapper: readonly string[] = []) {
    const command = [...wrapper, process.execPath, peerpid, ...within(args, wrapper)]
      .map((one) => `'${one}'`)
      .join(' ');
    const size = ['-x', String(columns), '-y', String(rows)];
    // An interactive shell goes on after Ctrl-C, too
    this.#tmux(
      'new-session',
      '-d',
      ...size,
      `trap : INT; echo '${before}'; ${command}; echo "${after} $?"; exec sleep 60`,
    );
    process.once('exit', this.#atExit);
  }

  /** Of a test that was given up on too: its server is nobody's child. */
  readonly #atExit = (): void => {
    this[Symbol.dispose]();
  };

  /** The lines that it shows. */
  get lines(): string[] {
    return this.#tmux('capture-pane', '-p')
      .split('\n')
      .map((line) => line.trimEnd());
  }

  get text(): string {
    return this.lines.join('\n');
  }

  /** As tmux(1) has it of the pane, such as `alternate_on`. */
  is(flag: string): boolean {
    return this.#tmux('display-message', '-p', `#{${flag}}`).trim() === '1';
  }

  /** The process that runs in it: peerpid, or its wrapper. */
  get program(): number {
    return childrenOf(Number(this.#tmux('display-message', '-p', '#{pane_pid}')))[0] ?? 0;
  }

  /** Presses keys, by their names in tmux(1). */
  press(...keys: string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  /** What the program writes from now on, byte by byte. */
  record(): () => string {
    const file = this.#directory.file('output');
    writeFileSync(file, '');
    this.#tmux('pipe-pane', `cat >>'${file}'`);
    return () => readFileSync(file, 'latin1');
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  async shows(pattern: RegExp): Promise<void> {
    await waitFor(`the terminal shows ${String(pattern)}`, () => pattern.test(this.text), 8000).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}:\n${this.text}`);
      },
    );
  }

  #tmux(...command: string[]): string {
    return execFileSync('tmux', ['-S', this.#directory.file('tmux'), '-f', '/dev/null', ...command], {
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: undefined, TERM: 'screen-256color' },
    });
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#atExit);
    this.#tmux('kill-server');
    this.#directory[Symbol.dispose]();
  }
}
