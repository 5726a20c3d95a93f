import { asSyscall } from '../../native-probe/proc/read.js';
import { type DiagSocket } from '../../native-probe/sock-diag.js';
import type { SocketType } from '../../native-probe/unix-socket.js';
import { formatTarget, type Target } from '../address.js';
import type { Witness } from '../evidence.js';
import { Problem } from '../problem.js';
import { mapReading, type Reading, valueOf } from '../reading.js';
import { connectTo } from './connecting.js';
import { guardedDirectories } from './entry.js';
import { findBoundSocket } from './find-socket.js';
import { fileAt, type OpenedSocket, type SocketFile } from './socket-facts.js';

/** How to connect. */
export interface ConnectOptions {
  /** Only this type is tried. */
  readonly type?: SocketType | undefined;
  /** Milliseconds to wait for a place in a full backlog. */
  readonly timeout: number;
}

/**
 * Connects to the socket at a path or of an abstract name.
 *
 * @throws Problem when there is something else at the path; SyscallError as stat(2) and connect(2) do
 */
export async function openAddress(
  target: Exclude<Target, { kind: 'descriptor' }>,
  options: ConnectOptions,
  witness: Witness,
): Promise<OpenedSocket> {
  const subject = formatTarget(target);
  const file = target.kind === 'path' ? socketFileAt(target.path, subject) : undefined;
  const { socket, type } = await connectTo(target, subject, options.type, options.timeout, witness);
  const bound = askBoundSocket(target, type, file, witness);
  const inode = mapReading(bound, ({ inode }) => inode);
  return {
    socket,
    recordedBy: 'listen(2)',
    otherEnd: () => inode,
    facts: {
      address: target,
      type,
      state: type === 'dgram' ? 'unconnected' : 'listening',
      inode,
      file,
      guards: target.kind === 'path' ? guardedDirectories(target.path) : undefined,
      peerAddress: undefined,
      backlog: valueOf(bound)?.backlog,
    },
    [Symbol.dispose]: () => {
      socket[Symbol.dispose]();
    },
  };
}

const kindsOfFile = [
  [0o040000, 'a directory'],
  [0o100000, 'a regular file'],
  [0o010000, 'a named pipe'],
  [0o020000, 'a character device'],
  [0o060000, 'a block device'],
] as const;

function socketFileAt(path: Buffer, subject: string): SocketFile {
  const file = asSyscall(subject, () => fileAt(path));
  if (file.isSocket) return file;
  const kind = kindsOfFile.find(([format]) => (file.mode & 0o170000) === format)?.[1] ?? 'something else';
  throw new Problem(
    'NOT_A_SOCKET',
    `${subject} is not a socket but ${kind}`,
    'Give the path of a socket (`find DIRECTORY -type s` lists them), @name, or /proc/PID/fd/N.',
  );
}

/** Which socket was connected to. Not every one can be known: it may be of another network namespace. */
function askBoundSocket(
  target: Exclude<Target, { kind: 'descriptor' }>,
  type: SocketType,
  file: SocketFile | undefined,
  witness: Witness,
): Reading<DiagSocket> {
  const bound = witness.ask(() => findBoundSocket(target, type, file), {
    call: () => 'sock_diag: the AF_UNIX sockets of this network namespace',
    answer: (found) => (found === undefined ? 'none is bound there' : `inode ${found.inode}`),
    concluded: (found) =>
      found === undefined
        ? "it is not found in this network namespace's list: it may be of another one"
        : 'this is the socket that was reached',
  });
  if ('error' in bound) return bound;
  if (bound.value !== undefined) return { value: bound.value };
  return { error: { syscall: "sock_diag: not found in this network namespace's list", code: 'ENOENT' } };
}
