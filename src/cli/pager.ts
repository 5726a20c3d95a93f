import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { endingSignals } from '../../native-probe/held-signals.js';
import { nodeFailedWith } from '../../native-probe/syscall-error.js';
import { inOneText, type LongText, summaryFirst } from '../output/long-text.js';
import { columnsOf } from '../output/width.js';
import { environment, environmentWith, givenEnvironment } from '../words/environment.js';
import { findProgram } from './find-program.js';

/** A program in which longer output is read, and its arguments. */
interface Pager {
  readonly path: string;
  readonly args: readonly string[];
}

/**
 * Prints to standard output, through a pager what is longer than the terminal. The summary stands where it is seen: in a
 * pager first, and else last. To be called when all has been looked at: a look may start peerpid over.
 *
 * @param paged - false with `--no-pager`
 */
export async function printLong(text: LongText, paged: boolean): Promise<void> {
  const printed = inOneText(text);
  const pager = paged ? pagerFor(printed) : undefined;
  if (pager !== undefined && (await showInPager(pager, summaryFirst(text)))) return;
  process.stdout.write(printed);
}

/**
 * The program of `$PAGER`, or less(1), as systemctl(1) has it: its words are separated by blanks, and no shell reads them.
 *
 * @param text - as it would be printed
 * @returns undefined where it is printed at once: all of it fits, no terminal shows it or none can be typed at, `$PAGER`
 * is empty or `cat`, or there is no such program
 */
function pagerFor(text: string): Pager | undefined {
  const { stdout, stdin } = process;
  if (!stdout.isTTY || !stdin.isTTY || environment('TERM') === 'dumb') return undefined;
  // Some have no size, such as a serial line
  if (!isLonger(text, (stdout.rows || 24) - 1, stdout.columns || 80)) return undefined;
  const [name = '', ...args] = chosenPager().trim().split(/\s+/);
  if (name === '' || name === 'cat') return undefined;
  const found = findProgram(name);
  return 'path' in found ? { path: found.path, args } : undefined;
}

/** Who may run peerpid as root by sudo(8) is not let run any program as root: less(1) alone can be told so. */
function chosenPager(): string {
  return (areRaised() ? undefined : givenEnvironment('PAGER')) ?? 'less';
}

function areRaised(): boolean {
  return process.geteuid?.() === 0 && (environment('SUDO_UID') ?? '0') !== '0';
}

/** Looks no further than it must. */
function isLonger(text: string, rows: number, columns: number): boolean {
  let left = rows;
  for (let start = 0; start < text.length && left >= 0;) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end < 0 ? text.length : end).replaceAll(/\x1b\[[\d;]*m/g, '');
    left -= Math.max(1, Math.ceil(columnsOf(line) / columns));
    start = end < 0 ? text.length : end + 1;
  }
  return left < 0;
}

/**
 * Shows text in a pager until the user leaves it.
 *
 * @returns false where it could not be started, and showed nothing
 */
async function showInPager({ path, args }: Pager, text: string): Promise<boolean> {
  const env = environmentWith({ LESS: givenEnvironment('LESS') ?? 'FRX', ...(areRaised() && { LESSSECURE: '1' }) });
  // It takes a while to load
  const { spawn } = await import('node:child_process');
  const child = spawn(path, args, { stdio: ['pipe', 'inherit', 'inherit'], env });
  // Whoever leaves it early has read enough
  child.stdin.on('error', () => undefined).end(text);
  using signals = new SignalsOf(child);
  try {
    await once(child, 'close');
  } catch (error) {
    if (!nodeFailedWith(error)) throw error;
    return false;
  }
  signals.follow();
  return true;
}

/** What the keyboard sends is for the pager alone, and what would end peerpid ends the pager first: it gives the terminal back. */
class SignalsOf implements Disposable {
  #last: NodeJS.Signals | undefined;

  constructor(private readonly child: ChildProcess) {
    for (const signal of endingSignals) process.on(signal, this.#take);
  }

  readonly #take = (signal: NodeJS.Signals): void => {
    // The terminal has sent it to the pager, too
    if (signal === 'SIGINT' || signal === 'SIGQUIT') return;
    this.#last = signal;
    this.child.kill(signal);
  };

  /** Ends peerpid, too, if that was the pager's end. */
  follow(): void {
    this[Symbol.dispose]();
    if (this.#last !== undefined) process.kill(process.pid, this.#last);
  }

  [Symbol.dispose](): void {
    for (const signal of endingSignals) process.off(signal, this.#take);
  }
}
