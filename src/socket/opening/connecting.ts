import { existsSync } from 'node:fs';

import { disposeWithoutLingering } from '../../../native-probe/calls/without-lingering.js';
import { type Fd, openFile } from '../../../native-probe/fd.js';
import { type SocketType, socketTypes } from '../../../native-probe/socket-kinds.js';
import { failedWith, SyscallError } from '../../../native-probe/syscall-error.js';
import { uapi } from '../../../native-probe/uapi.js';
import { sunPathSize, type UnixAddress } from '../../../native-probe/unix-address.js';
import { connect, connectWaiting, openBlockingSocket, openSocket } from '../../../native-probe/unix-socket.js';
import type { Witness } from '../../words/evidence.js';
import { reading } from '../../words/reading.js';
import { formatTarget } from '../address.js';

/** An address that leads to a socket. */
export type NamedAddress = Exclude<UnixAddress, { kind: 'unnamed' }>;

/** A connected socket, and the type that it turned out to have. */
export interface Connected {
  readonly socket: Fd;
  readonly type: SocketType;
}

/**
 * Connects to a socket whose type is found out by trying.
 *
 * @param type - the only type to try; undefined for all
 * @param timeout - milliseconds to wait for a place in a full backlog
 * @param file - of the address, held open, to which the connection is made rather than to what its path leads to by then
 * @throws SyscallError as connect(2) does, which does not tell the address
 */
export async function connectTo(
  address: NamedAddress,
  type: SocketType | undefined,
  timeout: number,
  witness: Witness,
  file?: Fd,
): Promise<Connected> {
  using reached = reach(address, file);
  const way: Way = { address, reached: reached.address };
  let refusal: unknown;
  for (const candidate of type === undefined ? socketTypes : [type]) {
    try {
      return { socket: await connectAs(candidate, way, timeout, witness), type: candidate };
    } catch (error) {
      if (!meansOtherType(error, address)) throw error;
      // Each type has abstract names of its own, so a refusal may be about this type alone: the first one is reported
      refusal ??= error;
    }
  }
  throw refusal;
}

function meansOtherType(error: unknown, address: NamedAddress): boolean {
  return failedWith(error, 'EPROTOTYPE') || (address.kind === 'abstract' && failedWith(error, 'ECONNREFUSED'));
}

/** Another type, besides the one that was tried, of which an address takes connections, found by connecting. */
export function otherTypeOf(address: NamedAddress, tried: SocketType): SocketType | undefined {
  using reached = reach(address);
  return socketTypes.find((type) => {
    if (type === tried) return false;
    const socket = openSocket(type);
    const answer = reading(() => {
      connect(socket, reached.address);
    });
    disposeWithoutLingering(socket);
    return 'value' in answer || answer.error.code === 'EAGAIN';
  });
}

/** What is connected to: as it is named, and as it is reached. */
interface Way {
  readonly address: NamedAddress;
  readonly reached: UnixAddress;
}

async function connectAs(type: SocketType, way: Way, timeout: number, witness: Witness): Promise<Fd> {
  const { address, reached } = way;
  const socket = openSocket(type);
  const words = {
    call: () => callText(socket, type, way),
    answer: () => '0',
    concluded: () =>
      type === 'dgram'
        ? 'a datagram socket: nobody listens, so there is no credential'
        : `a ${type} socket listens there`,
    refused: (code: string) =>
      ({
        EPROTOTYPE: `the socket there is of another type than ${type}`,
        ECONNREFUSED: address.kind === 'abstract' ? `no ${type} socket of that name listens` : 'nobody listens there',
        EAGAIN: 'the backlog of the listener is full',
      })[code],
  };
  try {
    witness.require(() => {
      connect(socket, reached);
    }, words);
    return socket;
  } catch (error) {
    socket[Symbol.dispose]();
    // Where there is no time to wait, a full backlog is a refusal too
    if (!failedWith(error, 'EAGAIN') || timeout === 0) throw error;
  }
  return connectPatiently(type, way, timeout, witness);
}

/** Waits for a place in the backlog, on a thread of its own. */
async function connectPatiently(type: SocketType, way: Way, timeout: number, witness: Witness): Promise<Fd> {
  const socket = openBlockingSocket(type);
  const call = `${callText(socket, type, way)}, waiting ${timeout} ms at most`;
  try {
    await connectWaiting(socket, way.reached, timeout);
    witness.conclude(call, '0', `a ${type} socket listens there, and its backlog had a place in time`);
    return socket;
  } catch (error) {
    socket[Symbol.dispose]();
    if (error instanceof SyscallError) {
      const full = error.code === 'EAGAIN';
      witness.conclude(call, `-1 ${error.code}`, full ? 'the backlog stayed full' : 'the listener is gone');
    }
    throw error;
  }
}

/** The call as it is made, and what the user knows the socket by where that is another name. */
function callText(socket: Fd, type: SocketType, { address, reached }: Way): string {
  const named = formatTarget(address);
  const path = reached.kind === 'path' ? reached.path.toString('latin1') : undefined;
  const through = path?.startsWith(descriptors) === true && path !== named ? `, through ${path}` : '';
  return `connect(${socket.number}, ${type} "${named}")${through}`;
}

const descriptors = '/proc/self/fd/';

/** Whether an open file can be connected to itself, whatever its path leads to: not without /proc. */
export function isReachable(file: Fd): boolean {
  return existsSync(`${descriptors}${file.number}`);
}

/**
 * An address that fits sun_path: a path that is longer is replaced by a descriptor of its file, open until disposed of.
 *
 * @param file - the file of the address where it is held open: then that is reached, unless there is no /proc
 */
export function reach(address: NamedAddress, file?: Fd): Disposable & { readonly address: UnixAddress } {
  if (file !== undefined && isReachable(file)) {
    const path = Buffer.from(`${descriptors}${file.number}`);
    return { address: { kind: 'path', path }, [Symbol.dispose]: () => undefined };
  }
  if (address.kind !== 'path' || address.path.length <= sunPathSize) {
    return { address, [Symbol.dispose]: () => undefined };
  }
  const path = address.path;
  const opened = openFile(path, uapi.O_PATH, formatTarget(address));
  return {
    address: { kind: 'path', path: Buffer.from(`${descriptors}${opened.number}`) },
    [Symbol.dispose]: () => {
      opened[Symbol.dispose]();
    },
  };
}
