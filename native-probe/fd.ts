import { closeSync, openSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

import { close, dup3, fcntl, fstat, fstatfs, openat } from './libc.js';
import { asSyscall, check } from './syscall-error.js';
import { uapi } from './uapi.js';

/**
 * The owner of a file descriptor: closed once, at the end of the block that
 * says `using`, or by {@link Symbol.dispose} where the owner lives longer.
 *
 * By close(2) rather than node:fs, whose descriptors are its own: a worker
 * thread warns of each that is closed and was not opened there, and closes at
 * its end those that were opened there, by then somebody else's perhaps.
 */
export class Fd implements Disposable {
  #number: number;
  /** Node closes it at the end of this worker thread, and has to be told when that is done before. */
  #isNodes = false;

  /** @param number - a descriptor that nobody else closes */
  constructor(number: number) {
    this.#number = number;
  }

  /** The descriptor's number. Using one that is closed already is a bug, so it throws. */
  get number(): number {
    if (this.#number < 0) throw new Error('this file descriptor is closed already');
    return this.#number;
  }

  /** Gives the descriptor away: whoever has the number that this returns is to close it. */
  release(): number {
    const { number } = this;
    this.#number = -1;
    return number;
  }

  /**
   * Has Node close the descriptor at the end of the worker thread that runs this, which nothing of JavaScript sees where
   * it is terminated: the descriptor takes the place of one of node:fs. On the main thread nothing needs to be done.
   * Only for files whose close(2) does not fail, and not to be released.
   *
   * @throws SyscallError EMFILE, ENFILE or ENOMEM; nothing has changed then
   */
  closeWithWorker(): this {
    if (isMainThread || this.#isNodes) return this;
    const place = asSyscall('/', () => openSync('/', uapi.O_PATH));
    try {
      check(dup3(this.number, place, uapi.O_CLOEXEC), 'dup3');
    } catch (error) {
      closeSync(place);
      throw error;
    }
    close(this.#number);
    this.#number = place;
    this.#isNodes = true;
    return this;
  }

  [Symbol.dispose](): void {
    if (this.#number < 0) return;
    const number = this.#number;
    this.#number = -1;
    if (this.#isNodes) {
      closeSync(number);
      return;
    }
    // Whatever the answer is, such as EIO of a FUSE that another process made, the descriptor is gone. close(2), NOTES
    close(number);
  }
}

/**
 * A file that is there already: openat(AT_FDCWD, path, flags | O_CLOEXEC).
 *
 * @param subject - what an error says that could not be opened
 * @throws SyscallError as open(2) does
 */
export function openFile(path: string | Buffer, flags: number, subject = path.toString()): Fd {
  const name = typeof path === 'string' ? Buffer.from(`${path}\0`) : Buffer.concat([path, nul]);
  return new Fd(check(openat(uapi.AT_FDCWD, name, flags | uapi.O_CLOEXEC), 'open', subject));
}

const nul = Buffer.alloc(1);

/**
 * A file below a directory that is open: openat(2).
 *
 * @param name - with a NUL at its end
 * @param subject - what an error says that could not be opened
 * @throws SyscallError as open(2) does
 */
export function openBelow(directory: Fd, name: Buffer, flags: number, subject: string): Fd {
  return new Fd(check(openat(directory.number, name, flags | uapi.O_CLOEXEC), 'open', subject));
}

// One question at a time. The inode number is at 8 in struct stat of x86_64 and of arm64
const status = Buffer.alloc(256);

/** The inode number of what a descriptor refers to, such as a pidfd's id. fstat(2). */
export function inodeOf(fd: Fd): bigint {
  const { number } = fd;
  check(fstat(uapi.NR_fstat, number, status), 'fstat', `${number}`);
  return status.readBigUInt64LE(8);
}

/** The type of the file system that a descriptor's file is on, as in <linux/magic.h>. fstatfs(2). */
export function fileSystemOf(fd: Fd): number {
  const statfs = Buffer.alloc(120);
  check(fstatfs(fd.number, statfs), 'fstatfs');
  return Number(statfs.readBigInt64LE(0));
}

/**
 * A duplicate of one of our own descriptors, closed on exec.
 *
 * @throws SyscallError EBADF when there is none of that number
 */
export function duplicate(number: number): Fd {
  return new Fd(check(fcntl(number, uapi.F_DUPFD_CLOEXEC, 3), 'fcntl(F_DUPFD_CLOEXEC)', `${number}`));
}
