import { constants } from 'node:fs';

import type { AccessEntry } from '../../native-probe/access-list.js';
import type { Fd } from '../../native-probe/fd.js';
import { openPath, statusOf } from '../../native-probe/paths.js';
import type { UnixAddress } from '../../native-probe/unix-address.js';
import { Problem } from '../words/problem.js';
import { escapedName } from '../words/text.js';
import { type Bar, barOf } from './access/bar.js';
import { listAt } from './access/way.js';
import { formatAddress } from './address.js';

/** The file of a socket that is bound to a path. */
export interface SocketFile {
  readonly uid: number;
  readonly gid: number;
  /** With the file's type, as in stat(2). */
  readonly mode: number;
  readonly inode: bigint;
  readonly device: bigint;
  /** Its access control list; absent where it has none, or its file system might not answer. */
  readonly accessList?: readonly AccessEntry[] | undefined;
  /** What lets nobody connect, or may do so. */
  readonly bar?: Bar | undefined;
}

/** The file at a path: symbolic links are followed, as connect(2) does. @throws SyscallError as stat(2) does */
export function fileAt(path: Buffer): SocketFile & { readonly isSocket: boolean } {
  using file = openPath(path, escapedName(path));
  return factsOf(file);
}

function factsOf(file: Fd): SocketFile & { readonly isSocket: boolean } {
  const status = statusOf(file);
  const isSocket = (status.mode & constants.S_IFMT) === constants.S_IFSOCK;
  const rules = isSocket ? { accessList: listAt(file), bar: barOf(file, status) } : {};
  return { ...status, isSocket, ...rules };
}

const kindsOfFile = [
  [0o040000, 'a directory'],
  [0o100000, 'a regular file'],
  [0o010000, 'a named pipe'],
  [0o020000, 'a character device'],
  [0o060000, 'a block device'],
] as const;

/** A socket's file, held open: whatever its path leads to meanwhile, this stays the one that is described and reached. */
export interface HeldSocketFile extends Disposable {
  readonly file: SocketFile;
  /** Of O_PATH. connect(2) to /proc/self/fd/N of it is to the file itself. */
  readonly fd: Fd;
}

/**
 * The file of a socket, held: whoever may write the directory can make the path another file's between two looks at it,
 * so that one file's owner would be shown beside another socket's peer. To be asked before connect(2), which answers
 * ECONNREFUSED for any other file as it does for a socket that nobody has open. net/unix/af_unix.c, unix_find_bsd()
 *
 * @throws Problem when the path leads to another kind of file; SyscallError as stat(2) and open(2) do
 */
export function holdSocketFile(address: UnixAddress & { kind: 'path' }): HeldSocketFile {
  const subject = formatAddress(address) ?? '';
  const fd = openPath(address.path, subject);
  try {
    const file = requireSocket(factsOf(fd), subject);
    return {
      file,
      fd,
      [Symbol.dispose]: () => {
        fd[Symbol.dispose]();
      },
    };
  } catch (error) {
    fd[Symbol.dispose]();
    throw error;
  }
}

function requireSocket(file: SocketFile & { readonly isSocket: boolean }, subject: string): SocketFile {
  if (file.isSocket) return file;
  const kind = kindsOfFile.find(([format]) => (file.mode & 0o170000) === format)?.[1] ?? 'something else';
  throw new Problem(
    'NOT_A_SOCKET',
    `${subject} is not a socket but ${kind}`,
    'Give the path of a socket (`find DIRECTORY -type s` lists them), @name, or /proc/PID/fd/N.',
  );
}
