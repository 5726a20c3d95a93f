import type { DiagSocket } from '../../../native-probe/diag-socket.js';
import type { SocketType } from '../../../native-probe/socket-kinds.js';
import { SyscallError } from '../../../native-probe/syscall-error.js';
import { socketInodeOf } from '../../../native-probe/unix-socket.js';
import type { Witness } from '../../words/evidence.js';
import { fewOf } from '../../words/few.js';
import { Problem } from '../../words/problem.js';
import { mapReading, type Reading, reading, valueOf } from '../../words/reading.js';
import { type AddressTarget, formatTarget } from '../address.js';
import { guardedDirectories } from '../guards.js';
import type { Holders } from '../holders.js';
import type { OpenedSocket } from '../socket-facts.js';
import { type HeldSocketFile, holdSocketFile, type SocketFile } from '../socket-file.js';
import { connectTo } from './connecting.js';
import { isReachable } from './reaching.js';
import { findAtAddress, findBoundSocket } from './find-socket.js';
import { doesNotListen, noList, notListed, wrongType } from './not-listed.js';
import { holdersOfListed, openWithoutConnecting } from './open-without-connecting.js';
import { reachedFile } from './reached-file.js';
import { waitingClients } from './waiting-clients.js';

/** How to open an address. */
export interface OpenOptions {
  /** Only this type is looked for. */
  readonly type?: SocketType | undefined;
  /** Milliseconds to wait for a place in a full backlog. */
  readonly timeout: number;
  /**
   * Whether a connection may be made to what listens, or has to be. By default a duplicate of the socket is taken from a
   * process that has it open, and only where none can be had a connection is made.
   */
  readonly connect?: 'never' | 'always' | undefined;
  /** What a look at other processes is made in, which they may hold up. */
  readonly notHeldUp?: <T>(look: () => T) => T;
  /** The sockets that are bound to a file in other network namespaces, what clients reach first. */
  readonly elsewhere?:
    ((path: Extract<AddressTarget, { kind: 'path' }>, file: SocketFile) => Promise<DiagSocket[]>) | undefined;
}

/**
 * Opens the socket at a path or of an abstract name: by a duplicate, or by connecting.
 *
 * @throws Problem when there is something else at the path, or it cannot be
 * looked at without a connection; SyscallError as stat(2) and connect(2) do
 */
export async function openAddress(
  target: AddressTarget,
  options: OpenOptions,
  witness: Witness,
): Promise<OpenedSocket> {
  const { type, connect, notHeldUp = directly } = options;
  using held = target.kind === 'path' ? holdSocketFile(target) : undefined;
  const file = held?.file;
  const byConnecting = async (why?: string, known: Known = {}): Promise<OpenedSocket> =>
    openByConnecting(target, held, options, witness, { why: connect === 'always' ? undefined : why, known });
  const listed = askList(target, type, file, witness);
  if ('error' in listed) {
    if (connect === 'never') throw noList(formatTarget(target), listed.error);
    const { syscall, code } = listed.error;
    return await byConnecting(`the kernel's list of sockets is not available (${syscall}: ${code})`);
  }
  const bound =
    choose(listed.value, type, target) ??
    (connect === 'always' ? undefined : choose(await findElsewhere(target, file, options, witness), type, target));
  if (bound === undefined) {
    if (connect === 'never') throw notListed(target, file, listed.value, witness);
    return await byConnecting('no list of sockets that is available has what is bound there', {
      isNowhere: connect !== 'always',
    });
  }
  const open = (holders?: Reading<Holders>): OpenedSocket =>
    notHeldUp(() => openWithoutConnecting(target, held, bound, witness, holders));
  if (bound.type === 'dgram' || connect === 'never') return open();
  if (connect === 'always') return await byConnecting();
  // connect(2) tells why it takes no connections
  if (bound.shutdown.receive) return await byConnecting('it was shut down, and takes no connections');
  const holders = notHeldUp(() => holdersOfListed(bound.inode, witness));
  try {
    return open(holders);
  } catch (error) {
    // Whatever keeps us from a duplicate, a connection may still be had
    const why = whyNotDuplicable(error);
    if (why === undefined) throw error;
    return await byConnecting(why, { held: { inode: bound.inode, holders } });
  }
}

/** Of those who need not care that they may be held up. */
export function directly<T>(look: () => T): T {
  return look();
}

/** What is known of a socket before it is connected to. */
interface Known {
  readonly held?: { readonly inode: number; readonly holders: Reading<Holders> };
  /** Whether it was looked for in other network namespaces, too, and found in none. */
  readonly isNowhere?: boolean;
}

function whyNotDuplicable(error: unknown): string | undefined {
  if (error instanceof Problem) return error.message;
  return error instanceof SyscallError && error.syscall.startsWith('pidfd_')
    ? `no duplicate of it could be taken (${error.syscall}: ${error.code})`
    : undefined;
}

/** A path leads to the sockets of other network namespaces, too. */
async function findElsewhere(
  target: AddressTarget,
  file: SocketFile | undefined,
  { elsewhere }: OpenOptions,
  witness: Witness,
): Promise<DiagSocket[]> {
  if (target.kind !== 'path' || file === undefined || elsewhere === undefined) return [];
  const found = await elsewhere(target, file);
  witness.conclude(
    'sock_diag: the AF_UNIX sockets of other network namespaces, as far as they may be entered',
    found.length === 0 ? 'none is bound to the file' : fewOf(found, words).join('; '),
    found.length === 0
      ? 'only a connection shows whether there is a socket'
      : 'this is the socket that a client reaches',
  );
  return found;
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
  { why, known }: { readonly why: string | undefined; readonly known: Known },
): Promise<OpenedSocket> {
  if (why !== undefined) witness.conclude('how to look at it', 'by a connection', why);
  const { socket, type } = await connectTo(target, options.type, options.timeout, witness, held?.fd);
  const reached = held === undefined || isReachable(held.fd) ? 'same' : reachedFile(socket, held.file, witness);
  const file = reached === 'same' ? held?.file : undefined;
  const bound = reached === 'same' ? askBoundSocket(target, type, file, witness) : notTheFile;
  const inode = mapReading(bound, ({ inode }) => inode);
  const isElsewhere = 'error' in inode && inode.error.code === 'ENOENT' && known.isNowhere !== true;
  const elsewhere = isElsewhere ? await findElsewhere(target, file, options, witness) : [];
  const reachedElsewhere = elsewhere.find((one) => one.type === type && one.state === 'listening');
  const otherEnd = reachedElsewhere === undefined ? inode : { value: reachedElsewhere.inode };
  return {
    socket,
    recordedBy: 'listen(2)',
    otherEnd: () => otherEnd,
    ...(known.held !== undefined && valueOf(otherEnd) === known.held.inode && { holders: known.held.holders }),
    facts: {
      address: target,
      way: { by: 'connection', why },
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
