import { writeSync } from 'node:fs';

import { nodeFailedWith } from '../../native-probe/syscall-error.js';
import { rememberFarewell } from '../cli/standard-output.js';

// console_codes(4), and xterm's alternate screen
const enter = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const leave = '\x1b[?7h\x1b[?25h\x1b[?1049l';
const home = '\x1b[H';
const restOfLine = '\x1b[K';
const restOfScreen = '\x1b[J';

/** What a screen calls. */
export interface ScreenEvents {
  /** A key was pressed; Ctrl-C is `\x03`. */
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
  readonly #keys = process.stdin.isTTY ? process.stdin : undefined;
  #isEntered = false;
  #isDisposed = false;
  readonly #onKeys = (keys: string): void => {
    for (const key of keys) {
      if (key === '\x1a') this.#suspend();
      else this.events.key(key);
    }
  };
  readonly #onResize = (): void => {
    this.events.redraw();
  };
  readonly #onContinue = (): void => {
    this.#enter();
    this.events.redraw();
  };
  readonly #onExit = (): void => {
    this.#leave();
  };

  constructor(private readonly events: ScreenEvents) {
    process.on('exit', this.#onExit);
    process.on('SIGCONT', this.#onContinue);
    process.stdout.on('resize', this.#onResize);
    this.#keys?.setEncoding('utf8').on('data', this.#onKeys);
    this.#enter();
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
    this.#keys?.setRawMode(true);
    process.stdout.write(enter);
  }

  /** Writes synchronously, since the program may be about to end. */
  #leave(): void {
    if (!this.#isEntered) return;
    this.#isEntered = false;
    rememberFarewell('');
    try {
      this.#keys?.setRawMode(false);
      writeSync(process.stdout.fd, leave);
    } catch (error) {
      // The terminal is gone, or full and not read
      if (!nodeFailedWith(error)) throw error;
    }
  }

  /** Ctrl-Z: stops the program, as the terminal itself does unless it is in raw mode. */
  #suspend(): void {
    this.#leave();
    process.kill(0, 'SIGTSTP');
    // The kernel does not stop a process group that no shell could continue: setpgid(2), orphaned process groups
    setTimeout(() => {
      if (!this.#isEntered && !this.#isDisposed) this.#onContinue();
    }, 100);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    process.off('exit', this.#onExit);
    process.off('SIGCONT', this.#onContinue);
    process.stdout.off('resize', this.#onResize);
    this.#keys?.off('data', this.#onKeys).pause();
    this.#leave();
  }
}
