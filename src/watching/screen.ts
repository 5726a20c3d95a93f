import { writeSync } from 'node:fs';

import { nodeFailedWith } from '../../native-probe/syscall-error.js';
import { rememberFarewell } from '../cli/standard-output.js';
import { Keys } from './keys.js';

// console_codes(4), and xterm's alternate screen
const enter = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const leave = '\x1b[?7h\x1b[?25h\x1b[?1049l';
const home = '\x1b[H';
const restOfLine = '\x1b[K';
const restOfScreen = '\x1b[J';

/** What a screen calls. */
export interface ScreenEvents {
  /** A key was pressed, by its name in keys.ts. In raw mode the terminal makes no signal of Ctrl-C. */
  key(key: string): void;
  /** All is to be drawn again: the terminal has another size, or the program was suspended meanwhile. */
  redraw(): void;
}

/**
 * The whole terminal: the alternate screen without a cursor, and keys as they
 * are pressed. The terminal is as it was before once this is disposed of, and
 * whenever the program ends or is suspended.
 */
export class Screen implements Disposable {
  readonly #input = process.stdin.isTTY ? process.stdin : undefined;
  #isEntered = false;
  #isDisposed = false;
  readonly #keys = new Keys((key) => {
    if (key === 'ctrl-z') this.#signalAll('SIGTSTP');
    else if (key === 'ctrl-\\') this.#signalAll('SIGQUIT');
    else if (key === 'ctrl-l') this.#onContinue();
    else this.events.key(key);
  });
  readonly #onInput = (text: string): void => {
    this.#keys.read(text);
  };
  readonly #onResize = (): void => {
    this.events.redraw();
  };
  readonly #onStop = (): void => {
    this.#suspend();
  };
  readonly #onContinue = (): void => {
    if (!this.#isEntered) process.on('SIGTSTP', this.#onStop);
    this.#enter();
    this.events.redraw();
  };
  readonly #onExit = (): void => {
    this.#leave();
  };

  constructor(private readonly events: ScreenEvents) {
    process.on('exit', this.#onExit);
    process.on('SIGTSTP', this.#onStop);
    process.on('SIGCONT', this.#onContinue);
    process.stdout.on('resize', this.#onResize);
    this.#input?.setEncoding('utf8').on('data', this.#onInput);
    this.#enter();
  }

  /** Whether there is a terminal to press keys at. */
  get hasKeys(): boolean {
    return this.#input !== undefined;
  }

  get rows(): number {
    return process.stdout.rows || 24;
  }

  /**
   * Draws all lines with one write, over what is there, so that nothing flickers. Each line is
   * cleared before it is written, not after: behind a line that is full the cursor stands on its last character.
   *
   * @param lines - no more than there are rows
   */
  draw(lines: readonly string[]): void {
    if (!this.#isEntered) return;
    const rest = lines.length < this.rows ? `\r\n${restOfScreen}` : '';
    process.stdout.write(`${home}${lines.map((line) => `${restOfLine}${line}`).join('\r\n')}${rest}`);
  }

  #enter(): void {
    this.#isEntered = true;
    rememberFarewell(leave);
    this.#input?.setRawMode(true);
    process.stdout.write(enter);
  }

  /** Writes synchronously, since the program may be about to end. */
  #leave(): void {
    if (!this.#isEntered) return;
    this.#isEntered = false;
    rememberFarewell('');
    try {
      this.#input?.setRawMode(false);
      writeSync(process.stdout.fd, leave);
    } catch (error) {
      // The terminal is gone, or full and not read
      if (!nodeFailedWith(error)) throw error;
    }
  }

  /** What the terminal does at a key unless it is in raw mode: to whoever runs this as well, such as sudo(8). */
  #signalAll(signal: NodeJS.Signals): void {
    process.kill(0, signal);
  }

  /** Stops the program as SIGTSTP does where nobody asks for it, with the terminal as it was before. */
  #suspend(): void {
    this.#leave();
    process.off('SIGTSTP', this.#onStop);
    process.kill(process.pid, 'SIGTSTP');
    // The kernel does not stop a process group that no shell could continue: setpgid(2), orphaned process groups
    setTimeout(() => {
      if (!this.#isEntered && !this.#isDisposed) this.#onContinue();
    }, 100);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    process.off('exit', this.#onExit);
    process.off('SIGTSTP', this.#onStop);
    process.off('SIGCONT', this.#onContinue);
    process.stdout.off('resize', this.#onResize);
    this.#input?.off('data', this.#onInput).pause();
    this.#keys[Symbol.dispose]();
    this.#leave();
  }
}
