/** The file that a socket is bound to, as the kernel keeps it, whatever its path leads to by now. */
import { fstatSync } from 'node:fs';

import { Fd } from './fd.js';
import { ioctl } from './libc.js';
import { readProcLink } from './proc/read.js';
import { asSyscall, check } from './syscall-error.js';
import { uapi } from './uapi.js';

/** A file, with stat(2)'s own numbers, by which it can be known again. */
export interface OpenedFile {
  readonly inode: bigint;
  readonly device: bigint;
  /** How many names it has. */
  readonly links: bigint;
  /** The path, from our root or that of its mount namespace; with ` (deleted)` after a name that is gone. */
  readonly path: Buffer;
}

/**
 * ioctl(SIOCUNIXFILE): the file of a bound socket. It is not opened for reading
 * or writing (O_PATH). Linux 4.11; net/unix/af_unix.c, unix_open_file()
 *
 * @throws SyscallError EPERM without CAP_NET_ADMIN over the socket's network namespace; ENOENT when it has no file
 */
export function boundFileOf(socket: Fd): OpenedFile {
  using file = new Fd(check(ioctl(socket.number, uapi.SIOCUNIXFILE, null), 'ioctl(SIOCUNIXFILE)'));
  const link = `/proc/self/fd/${file.number}`;
  const { ino, dev, nlink } = asSyscall(link, () => fstatSync(file.number, { bigint: true }));
  return { inode: ino, device: dev, links: nlink, path: readProcLink(link) };
}
