import { constants } from 'node:fs';
import { constants as system } from 'node:os';
import { basename, dirname } from 'node:path';

import { callAtPath } from '../../native-probe/calls/path-call.js';
import type { Fd } from '../../native-probe/fd.js';
import { openPath, statusOf } from '../../native-probe/paths.js';
import { failedWith, type LeftBehind, SyscallError, withSubject } from '../../native-probe/syscall-error.js';
import { uapi } from '../../native-probe/uapi.js';
import { encodeAddress, sunPathSize } from '../../native-probe/unix-address.js';
import { bind, openSocket } from '../../native-probe/unix-socket.js';
import { connectReached, reach } from '../socket/opening/reaching.js';
import { Problem } from '../words/problem.js';
import type { RefusalCode } from '../words/reading.js';
import { escapedName } from '../words/text.js';
import { type FileNumbers, isFileAt, removeFile, unlink } from './remove-file.js';

/** The file that bind(2) made for a socket of ours: removed when we end, if it is still that file. */
export class OwnFile implements Disposable {
  private constructor(
    private readonly path: Buffer,
    private readonly numbers: FileNumbers,
    private readonly left: LeftBehind,
  ) {}

  /**
   * Binds a socket to a path.
   *
   * @param mode - of the file; undefined for what umask(2) leaves of 0777
   * @param replace - whether a file to which nobody listens any more may be removed
   * @param left - called at the end if the file cannot be removed
   * @throws Problem when something is at the path that may not be removed; SyscallError ETIMEDOUT of bind where the file
   * system does not answer in time
   */
  static bind(socket: Fd, path: Buffer, mode: number | undefined, replace: boolean, left: LeftBehind): OwnFile {
    const subject = escapedName(path);
    try {
      clearTheWay(path, replace);
      bindWithMode(socket, path, mode);
      using file = openPath(path, subject, undefined, constants.O_NOFOLLOW);
      return new OwnFile(path, statusOf(file), left);
    } catch (error) {
      if (failedWith(error, 'ETIMEDOUT')) throw new SyscallError('bind', error.errno, subject);
      throw error;
    }
  }

  /** To be called before the socket is closed: while the socket is open no other file can get the inode number of this one. */
  [Symbol.dispose](): void {
    try {
      const subject = escapedName(this.path);
      if (isFileAt(this.path, this.numbers, subject)) unlink(this.path, subject);
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      // Somebody else has removed the file or its directory: nothing of ours is left
      if (!failedWith(error, 'ENOENT', 'ENOTDIR')) this.left(error);
    }
  }
}

function bindWithMode(socket: Fd, path: Buffer, mode: number | undefined): void {
  // The mode is right from the first moment: with chmod(2) afterwards somebody could connect before it
  const umask = mode === undefined ? undefined : process.umask(0o777 & ~mode);
  try {
    bindAt(socket, path);
  } catch (error) {
    if (failedWith(error, 'EADDRINUSE')) throw inUse(path);
    throw error;
  } finally {
    if (umask !== undefined) process.umask(umask);
  }
}

/** Binds to a path. One that is too long for sun_path, 108 bytes, is reached through a descriptor of its directory. unix(7) */
function bindAt(socket: Fd, path: Buffer): void {
  if (path.length <= sunPathSize) {
    bindInChild(path, path, path, [socket]);
    return;
  }
  const text = path.toString('latin1');
  const directory = Buffer.from(dirname(text), 'latin1');
  using opened = openPath(directory, escapedName(directory), undefined, uapi.O_DIRECTORY);
  const [short, there] = [opened.number, 2].map((fd) => Buffer.from(`/proc/self/fd/${fd}/${basename(text)}`, 'latin1'));
  if (short === undefined || there === undefined || short.length > sunPathSize) {
    throw new Problem(
      'ENAMETOOLONG',
      `the name ${escapedName(Buffer.from(basename(text), 'latin1'))} is too long for a socket`,
      'A long directory is no problem, but a long name is: give one of at most 85 bytes.',
    );
  }
  bindInChild(path, short, there, [socket, opened]);
}

/** bind(2), by a child that has the umask of ours. @param there - the address as the child has it */
function bindInChild(path: Buffer, address: Buffer, there: Buffer, descriptors: readonly [Fd, ...Fd[]]): void {
  const sockaddr = encodeAddress({ kind: 'path', path: there });
  const subject = escapedName(path);
  callAtPath({
    subject,
    call: ['bind', 1, sockaddr, sockaddr.length],
    descriptors,
    direct: () => {
      withSubject(subject, () => {
        bind(descriptors[0], { kind: 'path', path: address });
      });
    },
  });
}

function inUse(path: Buffer): Problem {
  return new Problem(
    'EADDRINUSE',
    `${escapedName(path)} is in use: a socket is bound to it`,
    'Stop the process that has it first, or give another path.',
  );
}

/** Where we may not connect, or only somebody else may (EPERM), one may be bound or none. */
function perhapsInUse(subject: string, code: RefusalCode): Problem {
  return new Problem(
    'EADDRINUSE',
    `${subject} exists already, and it is not known whether a socket is bound to it (${code})`,
    'It will not be removed: find out whose it is, or give another path.',
  );
}

/**
 * Removes what stands at the path: only ever a socket that nobody listens to, and only with `--replace`.
 *
 * @throws SyscallError EADDRINUSE for such a socket without `--replace`; Problem for anything else
 */
function clearTheWay(path: Buffer, replace: boolean): void {
  const subject = escapedName(path);
  using file = whatIsAt(path, subject);
  if (file === undefined) return;
  const status = statusOf(file);
  if ((status.mode & constants.S_IFMT) !== constants.S_IFSOCK) {
    throw new Problem('EEXIST', `${subject} exists and is not a socket`, 'It will not be removed: give another path.');
  }
  const bound = isBound(path, file);
  if (bound === true) throw inUse(path);
  if (bound !== false) throw perhapsInUse(subject, bound.code);
  // Why nobody has it is for the advice to find out
  if (!replace) throw new SyscallError('bind', system.errno.EADDRINUSE, subject);
  removeFile(path, status);
}

/** Held open: as long as it is, no other file has its numbers. Undefined where there is nothing. */
function whatIsAt(path: Buffer, subject: string): Fd | undefined {
  try {
    return openPath(path, subject, undefined, constants.O_NOFOLLOW);
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Whether a socket of whatever type is bound to a path, or why nobody says so. */
function isBound(path: Buffer, file: Fd): boolean | SyscallError {
  using probe = openSocket('dgram');
  try {
    using reached = reach({ kind: 'path', path }, file);
    connectReached(probe, reached);
    return true;
  } catch (error) {
    // A socket of another type is bound there
    if (failedWith(error, 'EPROTOTYPE')) return true;
    if (failedWith(error, 'ECONNREFUSED', 'ENOENT')) return false;
    if (error instanceof SyscallError) return error;
    throw error;
  }
}
