/** Reading /proc: bytes, bounded, and one type of error. */
import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';

import { goesOn } from '../going-on.js';
import { asSyscall } from '../syscall-error.js';

/** Bytes: more than any file of /proc needs that is read here; a longer command line is cut. */
export const longestProcFile = 4 * 1024 * 1024;

// Reads are synchronous and one at a time, so one buffer serves them all.
let buffer = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * The content of a file of /proc, or of a cgroup, which has no size before it is read. proc(5).
 * The bytes are the caller's until the next call only.
 */
export function readProc(path: string | Buffer): Buffer {
  goesOn();
  return asSyscall(path.toString(), () => {
    const fd = openSync(path, 'r');
    try {
      let length = 0;
      for (;;) {
        if (length === buffer.length) {
          if (length >= longestProcFile) break;
          buffer = Buffer.concat([buffer], buffer.length * 2);
        }
        const count = readSync(fd, buffer, length, buffer.length - length, null);
        if (count === 0) break;
        length += count;
      }
      return buffer.subarray(0, length);
    } finally {
      closeSync(fd);
    }
  });
}

/** Where a link of /proc points, as bytes. readlink(2). */
export function readProcLink(path: string): Buffer {
  goesOn();
  return asSyscall(path, () => readlinkSync(path, { encoding: 'buffer' }));
}

/** The names in a directory of /proc that are numbers. */
export function readProcNumbers(path: string): number[] {
  const numbers: number[] = [];
  for (const name of asSyscall(path, () => readdirSync(path))) {
    const number = Number(name);
    if (Number.isInteger(number)) numbers.push(number);
  }
  return numbers;
}
