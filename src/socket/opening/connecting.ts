import { setTimeout } from 'node:timers/promises';

import { disposeWithoutLingering } from '../../../native-probe/calls/without-lingering.js';
import type { Fd } from '../../../native-probe/fd.js';
import { type SocketType, socketTypes } from '../../../native-probe/socket-kinds.js';
import { failedWith, SyscallError } from '../../../native-probe/syscall-error.js';
import { connectWaiting, openBlockingSocket, openSocket } from '../../../native-probe/unix-socket.js';
import type { Witness } from '../../words/evidence.js';
import { reading } from '../../words/reading.js';
import { formatTarget } from '../address.js';
import { connectReached, isAtOnce, type NamedAddress, reach, type Reached } from './reaching.js';
import { milliseconds } from '../../../native-probe/monotonic-clock.js';

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
  const way: Way = { address, reached };
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
      connectReached(socket, reached);
    });
    disposeWithoutLingering(socket);
    return 'value' in answer || answer.error.code === 'EAGAIN';
  });
}

/** What is connected to: as it is named, and as it is reached. */
interface Way {
  readonly address: NamedAddress;
  readonly reached: Reached;
}

async function connectAs(type: SocketType, way: Way, timeout: number, witness: Witness): Promise<Fd> {
  const { reached, address } = way;
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
        ECONNREFUSED:
          address.kind === 'abstract'
            ? `no ${type} socket of that name listens`
            : 'no socket that this leads to takes connections',
        EAGAIN: 'the backlog of the listener is full',
      })[code],
  };
  try {
    witness.require(() => {
      connectReached(socket, reached);
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
  const socket = isAtOnce(way.reached) ? openBlockingSocket(type) : openSocket(type);
  const call = `${callText(socket, type, way)}, waiting ${timeout} ms at most`;
  try {
    await connectWithin(timeout, socket, way.reached);
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

/** Where a file system may be asked, each try is given up in time: so it is tried again and again. */
async function connectWithin(timeout: number, socket: Fd, reached: Reached): Promise<void> {
  if (isAtOnce(reached)) return connectWaiting(socket, reached.address, timeout);
  for (const until = milliseconds() + timeout; ;) {
    try {
      connectReached(socket, reached);
      return;
    } catch (error) {
      if (!failedWith(error, 'EAGAIN') || milliseconds() >= until) throw error;
    }
    await setTimeout(betweenTries);
  }
}

/** Milliseconds. */
const betweenTries = 100;

/** The call as it is made, and what the user knows the socket by where that is another name. */
function callText(socket: Fd, type: SocketType, { address, reached }: Way): string {
  const named = formatTarget(address);
  const path = reached.address.kind === 'path' ? reached.address.path.toString('latin1') : undefined;
  const through = path?.startsWith(descriptors) === true && path !== named ? `, through ${path}` : '';
  return `connect(${socket.number}, ${type} "${named}")${through}`;
}

const descriptors = '/proc/self/fd/';
