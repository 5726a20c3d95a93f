/**
 * Looks at paths that others choose. On a FUSE, a dead NFS or an autofs a look can last for ever; so the kernel is asked
 * for what it knows without asking any file system (RESOLVE_CACHED of openat2(2), AT_STATX_DONT_SYNC of statx(2)), and
 * what it does not know is asked in a child that may be given up. The file of a bound socket is always known: the socket
 * holds it. Before Linux 5.12, and for a C library without setcontext(3), there is no such care.
 */
import { readlinkSync } from 'node:fs';
import { constants } from 'node:os';

import { openInChild } from './calls/opening-child.js';
import { Fd } from './fd.js';
import * as libc from './libc.js';
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
 * @throws SyscallError as stat(2); ETIMEDOUT or EBUSY where a file system does not answer in time
 */
export function openPath(path: Buffer, subject: string, root?: Fd): Fd {
  const name = terminated(path);
  const open = (resolve: number): Fd | number => {
    const how = openHow(resolve);
    const result = libc.openat2(uapi.NR_openat2, root?.number ?? uapi.AT_FDCWD, name, how, how.length);
    return result < 0 ? -result : new Fd(result);
  };
  const inRoot = root === undefined ? 0 : uapi.RESOLVE_IN_ROOT;
  let opened = open(inRoot | uapi.RESOLVE_CACHED);
  if (opened === errno.EAGAIN) {
    try {
      return openInChild(name, openHow(inRoot), subject, root);
    } catch (error) {
      if (!failedWith(error, 'ENOSYS')) throw error;
    }
    opened = open(inRoot);
  }
  // Before Linux 5.12
  if (opened === errno.EINVAL) opened = open(inRoot);
  if (opened instanceof Fd) return opened;
  throw new SyscallError('stat', opened, subject);
}

/** Where an open file is, as the kernel has it now: all links resolved. @throws SyscallError ENOENT without /proc */
export function pathOf(file: Fd): Buffer {
  const link = `/proc/self/fd/${file.number}`;
  return asSyscall(link, () => readlinkSync(link, { encoding: 'buffer' }));
}

/** struct open_how, with O_PATH. <linux/openat2.h> */
function openHow(resolve: number): Buffer {
  const how = Buffer.alloc(uapi.openHowSize);
  how.writeBigUInt64LE(BigInt(uapi.O_PATH | uapi.O_CLOEXEC), 0);
  how.writeBigUInt64LE(BigInt(resolve), 16);
  return how;
}

const { errno } = constants;

/**
 * What the kernel knows of an open file, without asking its file system.
 *
 * @throws SyscallError ENOSYS before Linux 4.11
 */
export function statusOf(file: Fd): FileStatus {
  const answer = Buffer.alloc(256);
  const flags = uapi.AT_EMPTY_PATH | uapi.AT_STATX_DONT_SYNC;
  check(libc.statx(file.number, terminated(Buffer.alloc(0)), flags, uapi.STATX_BASIC_STATS, answer), 'statx');
  return {
    uid: answer.readUInt32LE(20),
    gid: answer.readUInt32LE(24),
    mode: answer.readUInt16LE(28),
    inode: answer.readBigUInt64LE(32),
    device: makedev(answer.readUInt32LE(136), answer.readUInt32LE(140)),
    links: answer.readUInt32LE(16),
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
