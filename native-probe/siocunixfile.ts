/** The file that a socket is bound to, as the kernel keeps it, whatever its path leads to by now. */
import { Fd } from './fd.js';
import { ioctl } from './libc.js';
import { pathOf, statusOf } from './paths.js';
import { check } from './syscall-error.js';
import { uapi } from './uapi.js';

/** A file, with stat(2)'s own numbers, by which it can be known again. */
export interface OpenedFile {
  readonly inode: bigint;
  readonly device: bigint;
  /** How many names it has. */
  readonly links: number;
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
  const { inode, device, links } = statusOf(file);
  return { inode, device, links, path: pathOf(file) };
}
