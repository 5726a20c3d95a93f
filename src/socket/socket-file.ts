import { asSyscall } from '../../native-probe/proc/read.js';
import { Problem } from '../words/problem.js';
import { fileAt, type SocketFile } from './socket-facts.js';

const kindsOfFile = [
  [0o040000, 'a directory'],
  [0o100000, 'a regular file'],
  [0o010000, 'a named pipe'],
  [0o020000, 'a character device'],
  [0o060000, 'a block device'],
] as const;

/**
 * The file of a socket. Before a connection: connect(2) tells no other file from a socket that nobody has.
 *
 * @throws Problem when it is something else; SyscallError as stat(2) does
 */
export function socketFileAt(path: Buffer, subject: string): SocketFile {
  const file = asSyscall(subject, () => fileAt(path));
  if (file.isSocket) return file;
  const kind = kindsOfFile.find(([format]) => (file.mode & 0o170000) === format)?.[1] ?? 'something else';
  throw new Problem(
    'NOT_A_SOCKET',
    `${subject} is not a socket but ${kind}`,
    'Give the path of a socket (`find DIRECTORY -type s` lists them), @name, or /proc/PID/fd/N.',
  );
}
