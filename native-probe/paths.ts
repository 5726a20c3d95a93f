/**
 * Looks at paths that others choose. On a FUSE, a dead NFS or an autofs a look can last for ever; so the kernel is asked
 * for what it knows without asking any file system (RESOLVE_CACHED of openat2(2), AT_STATX_DONT_SYNC of statx(2)), and
 * what it does not know is asked in a child that may be given up. The file of a bound socket is known as a rule: the socket
 * holds it. Before Linux 5.12, and for a C library without setcontext(3), there is no such care.
 */
import { readlinkSync } from 'node:fs';
import { constants } from 'node:os';

import { openInChild } from './calls/opening-child.js';
import { Fd } from './fd.js';
import * as libc from './libc.js';
import { openHow } from './open-how.js';
import { silentMounts } from './silent-mounts.js';
import { asSyscall, check, failedWith, SyscallError } from './syscall-error.js';
import { uapi } from './uapi.js';

/** What statx(2) tells of a file. */
export interface FileStatus {
  readonly uid: number;
  readonly gid: number;
  /** With the file's type, as in stat(2). */
  readonly mode: number;
  readonly inode: bigint;
  /** As st_dev of stat(2). makedev(3) */
  readonly device: bigint;
  /** How many names it has. */
  readonly links: number;
  /** Bytes. */
  readonly size: bigint;
  /** The number of the mount that it is seen on, as in /proc/PID/mountinfo; 0 before Linux 5.8. */
  readonly mount: bigint;
  /** Nobody may write it, root included: chattr(1), file_setattr(2). False where its file system does not tell. */
  readonly isImmutable: boolean;
}

/** What is at a path. Its parameters and errors are those of {@link openPath}. */
export function statusAt(path: Buffer, subject: string, root?: Fd): FileStatus {
  using file = openPath(path, subject, root);
  return statusOf(file);
}

/**
 * A descriptor of O_PATH for what is at a path: it opens neither a FIFO nor a device. open(2)
 *
 * @param subject - what an error calls the path
 * @param root - below which the path is looked up, absolute links included (RESOLVE_IN_ROOT); by default our own
 * @param flags - more than O_PATH, such as O_NOFOLLOW
 * @throws SyscallError as stat(2); ETIMEDOUT or EBUSY where a file system does not answer in time
 */
export function openPath(path: Buffer, subject: string, root?: Fd, flags = 0): Fd {
  const name = terminated(path);
  const inRoot = root === undefined ? 0 : uapi.RESOLVE_IN_ROOT;
  const how = openHow(uapi.O_PATH | flags, inRoot | uapi.RESOLVE_CACHED);
  let opened = open(name, how, root);
  if (opened === errno.EAGAIN) {
    silentMounts.require(subject, () => mountOnTheWay(path, root));
    try {
      return openElsewhere(name, openHow(uapi.O_PATH | flags, inRoot), subject, root);
    } catch (error) {
      if (failedWith(error, 'ETIMEDOUT')) silentMounts.add(mountOnTheWay(path, root));
      if (!failedWith(error, 'ENOSYS')) throw error;
    }
    opened = open(name, openHow(uapi.O_PATH | flags, inRoot), root);
  }
  // Before Linux 5.12
  if (opened === errno.EINVAL) opened = open(name, openHow(uapi.O_PATH | flags, inRoot), root);
  if (opened instanceof Fd) return opened;
  throw new SyscallError('stat', opened, subject);
}

/** Whether a path leads to anything, as far as can be told: not where a file system does not answer in time. */
export function leadsSomewhere(path: string | Buffer): boolean {
  try {
    using _file = openPath(Buffer.from(path), path.toString());
    return true;
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    return false;
  }
}

/** A path with `..` below a root is EAGAIN while something is renamed or mounted anywhere. openat2(2) */
const mostTries = 5;

function openElsewhere(name: Buffer, how: Buffer, subject: string, root: Fd | undefined): Fd {
  for (let tries = 1; ; tries++) {
    try {
      return openInChild(name, how, subject, root);
    } catch (error) {
      if (!failedWith(error, 'EAGAIN') || tries === mostTries) throw error;
    }
  }
}

/** openat2(2). @returns an errno where it fails */
function open(name: Buffer, how: Buffer, root: Fd | undefined): Fd | number {
  const result = libc.openat2(uapi.NR_openat2, root?.number ?? uapi.AT_FDCWD, name, how, how.length);
  return result < 0 ? -result : new Fd(result);
}

/** The mount of the last directory on the way that the kernel knows without asking. */
function mountOnTheWay(path: Buffer, root: Fd | undefined): bigint | undefined {
  const how = openHow(uapi.O_PATH, (root === undefined ? 0 : uapi.RESOLVE_IN_ROOT) | uapi.RESOLVE_CACHED);
  for (let end = path.lastIndexOf('/'); end >= 0; end = end === 0 ? -1 : path.lastIndexOf('/', end - 1)) {
    const opened = open(terminated(path.subarray(0, Math.max(1, end))), how, root);
    if (!(opened instanceof Fd)) continue;
    using directory = opened;
    return statusOf(directory).mount;
  }
  return undefined;
}

/** Where an open file is, as the kernel has it now: all links resolved. @throws SyscallError ENOENT without /proc */
export function pathOf(file: Fd): Buffer {
  const link = `/proc/self/fd/${file.number}`;
  return asSyscall(link, () => readlinkSync(link, { encoding: 'buffer' }));
}

/**
 * Where a symbolic link leads, which its file system is asked for.
 *
 * @param link - open with O_PATH and O_NOFOLLOW
 */
export function linkOf(link: Fd): Buffer {
  const target = Buffer.alloc(4096);
  const size = check(libc.readlinkat(link.number, empty, target, target.length), 'readlinkat', '');
  return target.subarray(0, size);
}

const { errno } = constants;

/**
 * What the kernel knows of an open file, without asking its file system.
 *
 * @throws SyscallError ENOSYS before Linux 4.11
 */
export function statusOf(file: Fd): FileStatus {
  return statusFrom(file.number, empty, uapi.AT_EMPTY_PATH, '');
}

/** The number of a mount that no other one ever has, as long as the system runs; undefined before Linux 6.8. */
export function uniqueMountOf(file: Fd): bigint | undefined {
  const { AT_EMPTY_PATH, AT_STATX_DONT_SYNC, STATX_MNT_ID_UNIQUE } = uapi;
  check(libc.statx(file.number, empty, AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID_UNIQUE, answer), 'statx');
  return (answer.readUInt32LE(0) & STATX_MNT_ID_UNIQUE) === 0 ? undefined : answer.readBigUInt64LE(144);
}

/**
 * What a link of /proc leads to, such as /proc/PID/root: no path is looked up, and so no file system is asked.
 *
 * @throws SyscallError as stat(2)
 */
export function statusThrough(link: string): FileStatus {
  return statusFrom(uapi.AT_FDCWD, Buffer.from(`${link}\0`), 0, link);
}

const empty = Buffer.alloc(1);
const answer = Buffer.alloc(256);

function statusFrom(directory: number, name: Buffer, flags: number, subject: string): FileStatus {
  const mask = uapi.STATX_BASIC_STATS | uapi.STATX_MNT_ID;
  check(libc.statx(directory, name, flags | uapi.AT_STATX_DONT_SYNC, mask, answer), 'statx', subject);
  return {
    links: answer.readUInt32LE(16),
    size: answer.readBigUInt64LE(40),
    mount: answer.readBigUInt64LE(144),
    isImmutable: (answer.readUInt32LE(8) & uapi.STATX_ATTR_IMMUTABLE) !== 0,
    uid: answer.readUInt32LE(20),
    gid: answer.readUInt32LE(24),
    mode: answer.readUInt16LE(28),
    inode: answer.readBigUInt64LE(32),
    device: makedev(answer.readUInt32LE(136), answer.readUInt32LE(140)),
  };
}

/** makedev(3), as the C library packs them. <bits/sysmacros.h> */
function makedev(major: number, minor: number): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return ((high & ~0xfffn) << 32n) | ((high & 0xfffn) << 8n) | ((low & ~0xffn) << 12n) | (low & 0xffn);
}

function terminated(path: Buffer): Buffer {
  return Buffer.concat([path, Buffer.alloc(1)]);
}
