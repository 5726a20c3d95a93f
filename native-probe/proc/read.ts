/** Reading /proc: bytes, bounded, and one type of error. */
import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';

import { constants } from 'node:os';

import { Fd } from '../fd.js';
import { goesOn } from '../going-on.js';
import * as libc from '../libc.js';
import { asSyscall, SyscallError } from '../syscall-error.js';
import { uapi } from '../uapi.js';

/** Bytes: more than any file of /proc needs that is read here; a longer command line is cut. */
export const longestProcFile = 4 * 1024 * 1024;

// Reads are synchronous and one at a time, so one buffer serves them all.
let buffer = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * The content of a file of /proc, or of a cgroup, which has no size before it is read. proc(5).
 * The bytes are the caller's until the next call only.
 */
export function readProc(path: string): Buffer {
  return readFile(path, false);
}

/**
 * The same of a file that is one record, which the kernel gives whole where there is room for it: what read(2) gives is
 * all then. Of /proc/PID that is `stat`, `status`, `comm`, `cgroup`, `loginuid`. fs/seq_file.c, single_open()
 */
export function readProcRecord(path: string): Buffer {
  return readFile(path, true);
}

function readFile(path: string, isRecord: boolean): Buffer {
  goesOn();
  return asSyscall(path, () => {
    const fd = openSync(path, 'r');
    try {
      let length = 0;
      for (;;) {
        if (length === buffer.length) {
          if (length >= longestProcFile) break;
          buffer = Buffer.concat([buffer], buffer.length * 2);
        }
        const count = readSync(fd, buffer, length, buffer.length - length, null);
        length += count;
        if (count === 0 || (isRecord && length < buffer.length)) break;
      }
      return buffer.subarray(0, length);
    } finally {
      closeSync(fd);
    }
  });
}

/**
 * What a file of a cgroup says, of which there may be none, as its cgroup may be gone.
 *
 * @param path - with a NUL at its end
 * @returns undefined where there is none. The bytes are the caller's until the next call only.
 * @throws SyscallError as open(2) and read(2)
 */
export function readIfThere(path: Buffer): Buffer | undefined {
  goesOn();
  const opened = libc.openat(uapi.AT_FDCWD, path, uapi.O_CLOEXEC);
  if (isAbsent(opened)) return undefined;
  const subject = (): string => path.toString('utf8', 0, path.length - 1);
  if (opened < 0) throw new SyscallError('open', -opened, subject());
  using file = new Fd(opened);
  const length = libc.read(file.number, buffer, buffer.length);
  if (isAbsent(length)) return undefined;
  if (length < 0) throw new SyscallError('read', -length, subject());
  return buffer.subarray(0, length);
}

function isAbsent(result: number): boolean {
  return result === -constants.errno.ENOENT || result === -constants.errno.ENODEV;
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
