import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import * as libc from '../../../native-probe/libc.js';
import { check } from '../../../native-probe/syscall-error.js';
import { TemporaryDirectory } from '../machine/temporary.js';

/** What standard output may be. */
export const kinds = ['pipe', 'socketpair', 'terminal'] as const;

type Ends = readonly [ours: number, theirs: number];

// <asm-generic/ioctls.h>
const [tiocgptn, tiocsptlck, fionread] = [0x80045430, 0x40045431, 0x541b];

function pipe(): Ends {
  using directory = new TemporaryDirectory();
  const path = directory.file('fifo');
  execFileSync('mkfifo', [path]);
  const ours = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return [ours, openSync(path, constants.O_WRONLY)];
}

function socketpair(): Ends {
  const pair = Buffer.alloc(8);
  check(libc.socketpair(1, 1 | constants.O_NONBLOCK, 0, pair), 'socketpair');
  return [pair.readInt32LE(0), pair.readInt32LE(4)];
}

function terminal(): Ends {
  const ours = openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  const number = Buffer.alloc(4);
  check(libc.ioctl(ours, tiocsptlck, number), 'ioctl(TIOCSPTLCK)');
  check(libc.ioctl(ours, tiocgptn, number), 'ioctl(TIOCGPTN)');
  return [ours, openSync(`/dev/pts/${number.readUInt32LE()}`, constants.O_RDWR | constants.O_NOCTTY)];
}

const makers = { pipe, socketpair, terminal };

/** An output that nobody reads until somebody asks for it. */
export class UnreadOutput implements Disposable {
  readonly #ours: number;
  #theirs: number | undefined;
  readonly #decoder = new TextDecoder();
  readonly #bytes = Buffer.alloc(65536);

  constructor(kind: (typeof kinds)[number]) {
    [this.#ours, this.#theirs] = makers[kind]();
  }

  /** To be given to a child. */
  get fd(): number {
    if (this.#theirs === undefined) throw new Error('given away');
    return this.#theirs;
  }

  /** Closes our copy of what a child has by now, so that its end is seen. */
  given(): void {
    if (this.#theirs !== undefined) closeSync(this.#theirs);
    this.#theirs = undefined;
  }

  /** Bytes that could be read now. */
  get waiting(): number {
    const bytes = Buffer.alloc(4);
    check(libc.ioctl(this.#ours, fionread, bytes), 'ioctl(FIONREAD)');
    return bytes.readInt32LE();
  }

  /** What there is now; undefined at the end. */
  read(): string | undefined {
    try {
      const length = readSync(this.#ours, this.#bytes);
      return length === 0 ? undefined : this.#decoder.decode(this.#bytes.subarray(0, length), { stream: true });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') return '';
      // What a terminal says whose other side is closed
      if (code === 'EIO') return undefined;
      throw error;
    }
  }

  /** Reads the lines of it, until one is the last that is wanted, or it ends. What is no whole line at the end comes as one. */
  async lines(isLast: (line: string) => boolean = () => false): Promise<string[]> {
    const lines: string[] = [];
    for (let rest = ''; ;) {
      const more = this.read();
      if (more === undefined) return rest === '' ? lines : [...lines, rest];
      if (more === '') await sleep(1);
      const [first = '', ...others] = more.split('\n');
      if (others.length === 0) {
        rest += first;
        continue;
      }
      const whole = [rest + first, ...others.slice(0, -1)].map((line) => `${line}\n`);
      rest = others.at(-1) ?? '';
      lines.push(...whole);
      if (whole.some(isLast)) return lines;
    }
  }

  [Symbol.dispose](): void {
    this.given();
    closeSync(this.#ours);
  }
}
