import { encodeCredential } from '../../native-probe/ancillary.js';
import type { Fd } from '../../native-probe/fd.js';
import { send } from '../../native-probe/message.js';
import type { SocketType } from '../../native-probe/socket-kinds.js';
import { errnoName, failedWith } from '../../native-probe/syscall-error.js';
import { waitUntilWritable } from '../../native-probe/unix-socket.js';
import type { Witness } from '../words/evidence.js';
import { Problem } from '../words/problem.js';

/** What was sent. */
export interface Sent {
  readonly bytes: number;
  readonly type: SocketType;
  /** Null when the kernel filled in the credentials. */
  readonly stated: StatedCredential | null;
}

/** The credentials that were stated: what was not given is the sender's own. */
export interface StatedCredential {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** The credentials to state: what is not given is our own; undefined when nothing is given. */
export function statedCredential(
  pid: number | undefined,
  uid: number | undefined,
  gid: number | undefined,
): StatedCredential | undefined {
  if (pid === undefined && uid === undefined && gid === undefined) return undefined;
  return { pid: pid ?? process.pid, uid: uid ?? process.getuid?.() ?? 0, gid: gid ?? process.getgid?.() ?? 0 };
}

/**
 * Sends a text, or what standard input gives: on a stream as it comes, otherwise as one message.
 *
 * @param text - undefined for standard input
 * @param credential - to state; undefined to have the kernel fill in our own
 * @param timeout - milliseconds to wait for a place in the queue, each time that it is full
 * @throws SyscallError as sendmsg(2) does, EAGAIN where the queue stays full, EPERM for a credential that takes
 * privilege; Problem when standard input cannot be read
 */
export async function sendAll(
  socket: Fd,
  type: SocketType,
  text: string | undefined,
  credential: StatedCredential | undefined,
  timeout: number,
  witness: Witness,
): Promise<Sent> {
  const control = credential === undefined ? undefined : encodeCredential(credential);
  let bytes = 0;
  for await (const data of piecesOf(text, type)) bytes += await sendPiece(socket, data, control, timeout, witness);
  return { bytes, type, stated: credential ?? null };
}

async function* piecesOf(text: string | undefined, type: SocketType): AsyncGenerator<Buffer> {
  if (text !== undefined) {
    yield Buffer.from(text);
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of standardInput()) {
    if (type === 'stream') yield chunk;
    else chunks.push(chunk);
  }
  if (type !== 'stream') yield Buffer.concat(chunks);
}

async function* standardInput(): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error;
    const code = errnoName(-errno);
    throw new Problem(
      code,
      `standard input cannot be read (${code})`,
      'Give the message as an argument, or another standard input: nohup(1) leaves one that cannot be read.',
    );
  }
}

async function sendPiece(
  socket: Fd,
  data: Buffer,
  control: Buffer | undefined,
  timeout: number,
  witness: Witness,
): Promise<number> {
  let sent = 0;
  do {
    const rest = data.subarray(sent);
    try {
      sent += witness.require(() => send(socket, { data: rest, control }), {
        call: () =>
          `sendmsg(${socket.number}, ${rest.length} bytes${control === undefined ? '' : ', SCM_CREDENTIALS'})`,
        answer: String,
        refused: (code) =>
          code === 'EPERM' && control !== undefined ? 'stating these credentials needs privilege' : undefined,
      });
    } catch (error) {
      if (!failedWith(error, 'EAGAIN') || !(await waitUntilWritable(socket, timeout))) throw error;
    }
  } while (sent < data.length);
  return sent;
}
