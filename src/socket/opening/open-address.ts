import { type DiagSocket, placesTaken } from '../../../native-probe/diag-socket.js';
import type { SocketType } from '../../../native-probe/socket-kinds.js';
import { SyscallError } from '../../../native-probe/syscall-error.js';
import { socketInodeOf } from '../../../native-probe/unix-socket.js';
import type { Witness } from '../../words/evidence.js';
import { fewOf } from '../../words/few.js';
import { Problem } from '../../words/problem.js';
import { mapReading, type Reading, reading, valueOf } from '../../words/reading.js';
import { type AddressTarget, formatTarget } from '../address.js';
import { guardedDirectories } from '../guards.js';
import type { OpenedSocket } from '../socket-facts.js';
import { type HeldSocketFile, holdSocketFile, type SocketFile } from '../socket-file.js';
import { connectTo } from './connecting.js';
import { isReachable } from './reaching.js';
import { findAtAddress, findBoundSocket } from './find-socket.js';
import { doesNotListen, noList, notListed, wrongType } from './not-listed.js';
import { openWithoutConnecting } from './open-without-connecting.js';
import { reachedFile } from './reached-file.js';
import { waitingClients } from './waiting-clients.js';

/** How to open an address. */
export interface OpenOptions {
  /** Only this type is looked for. */
  readonly type?: SocketType | undefined;
  /** Milliseconds to wait for a place in a full backlog. */
  readonly timeout: number;
  /** Take a duplicate of the socket itself from a process that has it open, rather than connect. */
  readonly noConnect?: boolean;
}

/**
 * Opens the socket at a path or of an abstract name: by connecting, or, where
 * that is not wanted and for a datagram socket, by a duplicate.
 *
 * @throws Problem when there is something else at the path, or it cannot be
 * looked at without a connection; SyscallError as stat(2) and connect(2) do
 */
export async function openAddress(
  target: AddressTarget,
  options: OpenOptions,
  witness: Witness,
): Promise<OpenedSocket> {
  const { type, noConnect = false } = options;
  using held = target.kind === 'path' ? holdSocketFile(target) : undefined;
  const file = held?.file;
  const byConnecting = async (): Promise<OpenedSocket> => openByConnecting(target, held, options, witness);
  const listed = askList(target, type, file, witness);
  if ('error' in listed) {
    if (noConnect) throw noList(formatTarget(target), listed.error);
    return await byConnecting();
  }
  const bound = choose(listed.value, type, target);
  if (bound === undefined && noConnect) throw notListed(target, file, listed.value, witness);
  if (bound === undefined || !(noConnect || bound.type === 'dgram')) {
    return (bound && openSparing(target, held, bound, witness)) ?? (await byConnecting());
  }
  return openWithoutConnecting(target, held, bound, witness);
}

/**
 * The socket that clients reach; undefined where there is none, or only connections.
 *
 * @throws Problem when it is of another type than is wanted, or does not listen
 */
function choose(
  listed: readonly DiagSocket[],
  type: SocketType | undefined,
  target: AddressTarget,
): DiagSocket | undefined {
  const bound = listed.filter((socket) => socket.type === 'dgram' || socket.state !== 'connected');
  const wanted = bound.find((socket) => type === undefined || socket.type === type);
  const [other] = bound;
  if (type !== undefined && wanted === undefined && other !== undefined)
    throw wrongType(formatTarget(target), type, other.type);
  if (wanted?.state === 'unconnected' && wanted.type !== 'dgram')
    throw doesNotListen(formatTarget(target), wanted.type);
  return wanted;
}

/**
 * Where somebody waits to be accepted, or did, a connection would take one place more, and of a service that hangs for
 * good: then a duplicate is asked, if anybody gives one.
 */
function openSparing(
  target: AddressTarget,
  held: HeldSocketFile | undefined,
  bound: DiagSocket,
  witness: Witness,
): OpenedSocket | undefined {
  if (bound.backlog === undefined || placesTaken(bound.backlog) === 0) return undefined;
  witness.conclude(
    'sock_diag: its backlog',
    `${placesTaken(bound.backlog)} of ${bound.backlog.most + 1} places are taken`,
    'a connection would take another: a duplicate is asked instead, if one can be had',
  );
  try {
    return openWithoutConnecting(target, held, bound, witness, true);
  } catch (error) {
    // Whatever keeps us from a duplicate, a connection may still be had
    if (error instanceof Problem) return undefined;
    if (error instanceof SyscallError && error.syscall.startsWith('pidfd_')) return undefined;
    throw error;
  }
}

function askList(
  target: AddressTarget,
  type: SocketType | undefined,
  file: SocketFile | undefined,
  witness: Witness,
): Reading<DiagSocket[]> {
  return witness.ask(() => findAtAddress(target, type, file), {
    ...listWords,
    answer: (found) => (found.length === 0 ? 'none is bound there' : fewOf(found, words).join('; ')),
    concluded: ([first]) =>
      first?.type === 'dgram' ? 'a datagram socket: nobody listens, so there is no connection to make' : undefined,
    refused: () => 'which socket it is cannot be known before connecting',
  });
}

const listWords = { call: () => 'sock_diag: the AF_UNIX sockets of this network namespace' };

function words({ type, state, inode }: DiagSocket): string {
  return `${type}, ${type === 'dgram' ? 'receiving' : state}, inode ${inode}`;
}

async function openByConnecting(
  target: AddressTarget,
  held: HeldSocketFile | undefined,
  options: OpenOptions,
  witness: Witness,
): Promise<OpenedSocket> {
  const { socket, type } = await connectTo(target, options.type, options.timeout, witness, held?.fd);
  const reached = held === undefined || isReachable(held.fd) ? 'same' : reachedFile(socket, held.file, witness);
  const file = reached === 'same' ? held?.file : undefined;
  const bound = reached === 'same' ? askBoundSocket(target, type, file, witness) : notTheFile;
  const inode = mapReading(bound, ({ inode }) => inode);
  return {
    socket,
    recordedBy: 'listen(2)',
    otherEnd: () => inode,
    facts: {
      address: target,
      boundAddress: valueOf(bound)?.address,
      type,
      state: type === 'dgram' ? 'unconnected' : 'listening',
      inode,
      file,
      fileReached: reached,
      guards: file !== undefined && target.kind === 'path' ? guardedDirectories(target.path, held?.fd) : undefined,
      peerAddress: undefined,
      backlog: waitingClients(valueOf(bound), valueOf(reading(() => socketInodeOf(socket)))),
    },
    [Symbol.dispose]: () => {
      socket[Symbol.dispose]();
    },
  };
}

const notTheFile = {
  error: { syscall: 'without /proc the path was looked up again, and may have led to another socket', code: 'ENOENT' },
} as const;

/** Which socket was connected to. Not every one can be known: it may be of another network namespace. */
function askBoundSocket(
  target: AddressTarget,
  type: SocketType,
  file: SocketFile | undefined,
  witness: Witness,
): Reading<DiagSocket> {
  const bound = witness.ask(() => findBoundSocket(target, type, file), {
    ...listWords,
    answer: (found) => (found === undefined ? 'none is bound there' : `inode ${found.inode}`),
    concluded: (found) =>
      found === undefined
        ? "it is not in this network namespace's list: it may belong to another one"
        : 'this is the socket that was reached',
  });
  if ('error' in bound) return bound;
  if (bound.value !== undefined) return { value: bound.value };
  return { error: { syscall: "sock_diag: not found in this network namespace's list", code: 'ENOENT' } };
}
