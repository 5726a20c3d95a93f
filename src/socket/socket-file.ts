import { statSync } from 'node:fs';

import { asSyscall } from '../../native-probe/syscall-error.js';
import type { UnixAddress } from '../../native-probe/unix-address.js';
import { Problem } from '../words/problem.js';
import { formatAddress } from './address.js';

/** The file of a socket that is bound to a path. */
export interface SocketFile {
  readonly uid: number;
  readonly gid: number;
  /** With the file's type, as in stat(2). */
  readonly mode: number;
  readonly inode: bigint;
  readonly device: bigint;
}

/** The file at a path, by stat(2): symbolic links are followed, as connect(2) does. @throws Node's own error */
export function fileAt(path: Buffer): SocketFile & { readonly isSocket: boolean } {
  const stat = statSync(path, { bigint: true });
  return {
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    mode: Number(stat.mode),
    inode: stat.ino,
    device: stat.dev,
    isSocket: stat.isSocket(),
  };
}

const kindsOfFile = [
  [0o040000, 'a directory'],
  [0o100000, 'a regular file'],
  [0o010000, 'a named pipe'],
  [0o020000, 'a character device'],
  [0o060000, 'a block device'],
] as const;

/**
 * The file of a socket. To be asked before connect(2), which answers ECONNREFUSED for any other file as it does for a
 * socket that nobody has open. net/unix/af_unix.c, unix_find_bsd()
 *
 * @throws Problem when the path leads to another kind of file; SyscallError as stat(2) does
 */
export function socketFileAt(address: UnixAddress & { kind: 'path' }): SocketFile {
  const subject = formatAddress(address) ?? '';
  const file = asSyscall(subject, () => fileAt(address.path));
  if (file.isSocket) return file;
  const kind = kindsOfFile.find(([format]) => (file.mode & 0o170000) === format)?.[1] ?? 'something else';
  throw new Problem(
    'NOT_A_SOCKET',
    `${subject} is not a socket but ${kind}`,
    'Give the path of a socket (`find DIRECTORY -type s` lists them), @name, or /proc/PID/fd/N.',
  );
}
