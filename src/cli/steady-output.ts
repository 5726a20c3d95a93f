import { fstatSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

import { problemText } from '../output/problem-text.js';
import { styleOf } from '../output/style.js';
import { Problem } from '../words/problem.js';

/** Bytes that write(2) puts into a pipe whole or not at all: PIPE_BUF. pipe(7) */
const mostAtOnce = 4096;

/** How long an output may take nothing, once the user has had enough. Milliseconds. */
const patience = 500;
const pollInterval = 10;

type Stream = NodeJS.WriteStream & { readonly fd: number };

/**
 * Standard output of a command that goes on and on. It says when it is full, so that the command stops looking until
 * somebody reads; it never keeps the process from seeing signals; and lines are written whole, as far as the kernel
 * does that: into a pipe those of up to 4096 bytes. --explain makes standard error as much, so both must have room.
 */
export class SteadyOutput {
  readonly #streams: readonly Stream[] = [process.stdout, process.stderr];
  #waitingLines = 0;
  /** A file takes all at once: standard-output.ts has it written whole. */
  readonly #isFile = fstatSync(process.stdout.fd).isFile();

  constructor() {
    for (const stream of this.#streams) neverBlock(stream);
    // Node would join what waits into one writev(2), of which a pipe takes any part
    Object.defineProperty(process.stdout, '_writev', { value: undefined });
  }

  /** Whether to wait before more is written. What is written nevertheless is kept in memory. */
  get isFull(): boolean {
    return this.#streams.some(({ writableNeedDrain }) => writableNeedDrain);
  }

  /** @param text - of whole lines */
  write(text: string): void {
    const bytes = Buffer.from(text);
    for (let start = 0; start < bytes.length;) {
      const end = this.#isFile ? bytes.length : endOfPiece(bytes, start);
      const piece = bytes.subarray(start, end);
      const lines = countLines(piece);
      this.#waitingLines += lines;
      process.stdout.write(piece, () => {
        this.#waitingLines -= lines;
      });
      start = end;
    }
  }

  /** Calls back once when there is room. It is not called for an output that failed: {@link whenToStop} tells that. */
  whenRoom(callback: () => void): void {
    const full = this.#streams.find(({ writableNeedDrain }) => writableNeedDrain);
    if (full === undefined) {
      callback();
      return;
    }
    const again = (): void => {
      full.off('drain', again);
      full.off('close', again);
      this.whenRoom(callback);
    };
    full.on('drain', again);
    full.on('close', again);
  }

  /**
   * To be called last, when a signal has ended the command: waits for the output as long as somebody reads it, and
   * otherwise ends the process, with words and a status that tell of it.
   */
  async finish(): Promise<void> {
    let left = process.stdout.writableLength;
    for (let still = 0; left > 0 && still < patience; still += pollInterval) {
      await setTimeout(pollInterval);
      if (process.stdout.writableLength < left) still = 0;
      left = process.stdout.writableLength;
    }
    if (left === 0) return;
    const lines = this.#waitingLines;
    const lost =
      lines === 0 ? 'the last of it was' : lines === 1 ? 'the last line was' : `the last ${lines} lines were`;
    const problem = new Problem(
      'INCOMPLETE',
      `standard output is full and nobody reads it: ${lost} not written, or only in part`,
      'The program that reads it may be stopped, or be waiting itself.',
    );
    process.stderr.write(problemText(problem, styleOf(process.stderr)));
    process.exit(problem.exitStatus);
  }
}

/** A piece of as many whole lines as a pipe takes at once, or one line that is longer. */
function endOfPiece(bytes: Buffer, start: number): number {
  if (bytes.length - start <= mostAtOnce) return bytes.length;
  const lastThatFits = bytes.lastIndexOf('\n', start + mostAtOnce - 1);
  if (lastThatFits >= start) return lastThatFits + 1;
  const first = bytes.indexOf('\n', start);
  return first < 0 ? bytes.length : first + 1;
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf('\n'); at >= 0; at = bytes.indexOf('\n', at + 1)) lines++;
  return lines;
}

/**
 * Node writes to a terminal with write(2) that waits, in which it would see no signal while the terminal is stopped
 * (Ctrl-S) or hangs. Only where libuv could open the terminal anew: else the shell, which has the same open file, would
 * not wait either. uv_tty_init(), node:tty
 */
function neverBlock(stream: Stream): void {
  if (!stream.isTTY) return;
  const { _handle: handle } = stream as { _handle?: { fd?: number; setBlocking?: (blocking: boolean) => number } };
  if (handle?.fd !== undefined && handle.fd !== stream.fd) handle.setBlocking?.(false);
}
