/** What to say of an address at which the kernel's list has no socket that is wanted. */
import type { DiagSocket } from '../../../native-probe/diag-socket.js';
import type { SocketType } from '../../../native-probe/socket-kinds.js';
import { asSyscall, failedWith } from '../../../native-probe/syscall-error.js';
import { openSocket } from '../../../native-probe/unix-socket.js';
import type { Witness } from '../../words/evidence.js';
import { Problem } from '../../words/problem.js';
import { reading, type Refusal, valueOf } from '../../words/reading.js';
import { formatTarget } from '../address.js';
import { fileAt, type SocketFile } from '../socket-file.js';
import { connectReached, type NamedAddress, reach } from './reaching.js';
import { findAtAddress } from './find-socket.js';

/** The problem that the kernel's list of sockets could not be had. */
export function noList(subject: string, { syscall, code }: Refusal): Problem {
  return new Problem(
    code,
    `the kernel's list of sockets is not available, so peerpid cannot know which one ${subject} is (${syscall}: ${code})`,
    'A sandbox forbids it, or the kernel lacks unix_diag (`modprobe unix_diag`): omit --no-connect, or give /proc/PID/fd/N.',
  );
}

/** The problem that a socket is of another type than was asked for. */
export function wrongType(subject: string, wanted: SocketType, actual: SocketType): Problem {
  return new Problem(
    'EPROTOTYPE',
    `${subject} is a ${actual} socket, not ${wanted}`,
    `Omit --type, or give --type ${actual}.`,
  );
}

/** The problem of a socket that takes connections by its type, but on which nobody called listen(2). */
export function doesNotListen(subject: string, type: SocketType): Problem {
  return new Problem(
    'ECONNREFUSED',
    `nobody listens on ${subject}: a ${type} socket is bound there, but it does not listen`,
    'Its process has not called listen(2) on it: it may be starting, or it is a client that gave itself a name.',
  );
}

/**
 * The problem that the list has no socket at an address, or connected ones only: these have the address of the
 * listener that accepted them, or one of their own.
 *
 * @throws SyscallError when nobody is bound there
 */
export function notListed(
  address: NamedAddress,
  file: SocketFile | undefined,
  listed: readonly DiagSocket[],
  witness: Witness,
): Problem {
  const subject = formatTarget(address);
  const found = probe(address, witness);
  if (found === 'forbidden') return mayBeElsewhere(subject);
  // It was not there when the list was read
  if (address.kind === 'abstract' || isListedNow(address, file)) return cameJustNow(subject);
  const [connected] = listed;
  return connected !== undefined && found === 'another type'
    ? connectedOnly(subject, connected.type)
    : elsewhere(subject);
}

/** The problem of a path of which the list has connected sockets only. A listener may be in another network namespace. */
function connectedOnly(subject: string, type: SocketType): Problem {
  return new Problem(
    'ECONNREFUSED',
    `nobody listens on ${subject} in this network namespace: a ${type} socket has its address, and is connected`,
    'It is a client that gave itself that name, or a connection of a listener in another network namespace. Omit --no-connect to see.',
  );
}

/** Whether the socket is in the list by now, or another file is at the path. */
function isListedNow(address: NamedAddress & { kind: 'path' }, file: SocketFile | undefined): boolean {
  const now = valueOf(reading(() => asSyscall('', () => fileAt(address.path))));
  return (
    now?.inode !== file?.inode || findAtAddress(address, undefined, now).some(({ state }) => state !== 'connected')
  );
}

/**
 * Connects a datagram socket, of which a listener sees nothing: the kernel
 * answers EPROTOTYPE where a socket of another type is bound, ECONNREFUSED where
 * none is. A path leads to the sockets of other network namespaces too.
 * net/unix/af_unix.c, unix_find_bsd()
 *
 * @throws SyscallError when nobody is bound there
 */
function probe(address: NamedAddress, witness: Witness): 'another type' | 'dgram' | 'forbidden' {
  using socket = openSocket('dgram');
  using reached = reach(address);
  const words = {
    call: () => `connect(${socket.number}, dgram "${formatTarget(address)}")`,
    answer: () => '0',
    refused: (code: string) =>
      ({
        EPROTOTYPE: 'there is a socket of another type, which sees nothing of this',
        ECONNREFUSED: 'nobody has a socket there',
      })[code],
  };
  try {
    witness.require(() => {
      connectReached(socket, reached);
    }, words);
    return 'dgram';
  } catch (error) {
    if (failedWith(error, 'EPROTOTYPE')) return 'another type';
    // A datagram socket that takes messages of its own peer only. unix_may_send()
    if (failedWith(error, 'EPERM')) return 'dgram';
    if (failedWith(error, 'EACCES')) return 'forbidden';
    throw error;
  }
}

function cameJustNow(subject: string): Problem {
  return new Problem(
    'EAGAIN',
    `the socket of ${subject} has only just appeared`,
    'The service may be restarting: try again.',
  );
}

function elsewhere(subject: string): Problem {
  return new Problem(
    'OTHER_NAMESPACE',
    `the socket of ${subject} lives in another network namespace, so the kernel's list does not have it here`,
    'Omit --no-connect: connecting reaches it. As root, `peerpid scan` finds who holds it.',
  );
}

function mayBeElsewhere(subject: string): Problem {
  return new Problem(
    'ENOENT',
    `no socket of this network namespace takes connections or messages at ${subject}`,
    'The file is stale, or the socket lives in another network namespace: `peerpid scan`, as root, shows it in the second case.',
  );
}
