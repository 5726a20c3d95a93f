import { duplicate, type Fd } from '../../../native-probe/fd.js';
import { duplicateFrom, openPidfd } from '../../../native-probe/pidfd.js';
import { socketOfInode } from '../../../native-probe/sock-diag.js';
import type { UnixAddress } from '../../../native-probe/unix-address.js';
import {
  addressOf,
  isListening,
  isUnixSocket,
  passOptions,
  peerAddressOf,
  socketInodeOf,
  typeOf,
} from '../../../native-probe/unix-socket.js';
import type { Asked } from '../../document/inspect-document.js';
import type { Witness } from '../../words/evidence.js';
import { Problem } from '../../words/problem.js';
import { reading, type Reading, valueOf } from '../../words/reading.js';
import { formatTarget, type Target } from '../address.js';
import { asksText } from '../asks.js';
import type { OpenedSocket, PeerSocket, RecordingCall, SocketFacts, SocketKind } from '../socket-facts.js';

type Descriptor = Extract<Target, { kind: 'descriptor' }>;

/**
 * Takes a duplicate of a socket that a process has open: no connection is
 * made. The other side sees no end of file while the duplicate is held.
 *
 * @throws Problem when it is no AF_UNIX socket; SyscallError as pidfd_open(2) and pidfd_getfd(2) do
 */
export function openDescriptor(target: Descriptor, witness: Witness): OpenedSocket {
  const socket = duplicateOf(target, witness);
  try {
    assertUnixSocket(socket, target);
    const opened = peerSocketOf(socket);
    return {
      ...opened,
      facts: { ...opened.facts, asks: askPassOptions(socket, witness) },
      [Symbol.dispose]: () => {
        socket[Symbol.dispose]();
      },
    };
  } catch (error) {
    socket[Symbol.dispose]();
    throw error;
  }
}

function duplicateOf(target: Descriptor, witness: Witness): Fd {
  const { pid, fd } = target;
  if (pid === 'self' || pid === process.pid) {
    return witness.require(() => duplicate(fd), {
      call: () => `fcntl(${fd}, F_DUPFD_CLOEXEC, 3)`,
      answer: (socket) => `${socket.number}`,
    });
  }
  using holder = openPidfd(pid);
  return witness.require(() => duplicateFrom(holder, fd), {
    call: () => `pidfd_open(${pid}, 0), pidfd_getfd(${holder.number}, ${fd}, 0)`,
    answer: (socket) => `${socket.number}`,
    concluded: () => `a duplicate of descriptor ${fd} of process ${pid}`,
    refused: (code) => (code === 'EPERM' ? 'it takes the right to trace that process' : undefined),
  });
}

function assertUnixSocket(socket: Fd, target: Descriptor): void {
  const answer = reading(() => isUnixSocket(socket));
  if (valueOf(answer) === true) return;
  const what = 'error' in answer ? 'not a socket' : 'a socket, but not an AF_UNIX one';
  throw new Problem(
    'NOT_A_SOCKET',
    `${formatTarget(target)} is ${what}`,
    `\`ls -l ${formatTarget({ ...target, fd: 0 }).replace(/0$/, '')}\` shows what each descriptor is.`,
  );
}

/** What the socket itself asks for: to be asked of a duplicate, since a connection is a socket of our own. */
export function askPassOptions(socket: Fd, witness: Witness): Reading<readonly Asked[]> {
  return witness.ask(() => passOptions(socket), {
    call: () => `getsockopt(${socket.number}, SOL_SOCKET, SO_PASSCRED), then SO_PASSPIDFD, SO_PASSSEC, SO_PASSRIGHTS`,
    answer: (asks) => (asks.length === 0 ? 'all off' : `on: ${asks.join(', ')}`),
    concluded: asksText,
  });
}

/** A socket that is open here, made ready to be asked. */
export function peerSocketOf(socket: Fd): PeerSocket & { readonly socket: Fd } {
  const facts = factsOf(socket);
  return {
    socket,
    facts,
    recordedBy: recordingCall(facts),
    otherEnd: () => (facts.state === 'listening' ? facts.inode : otherEndOf(facts.inode)),
  };
}

/** A client that was accepted: it has its listener's type and name. unix(7) */
export function acceptedSocketOf(socket: Fd, listener: SocketFacts): PeerSocket {
  const inode = reading(() => socketInodeOf(socket));
  return {
    socket,
    facts: {
      ...listener,
      state: 'connected',
      inode,
      file: undefined,
      guards: undefined,
      peerAddress: valueOf(reading(() => peerAddressOf(socket))),
    },
    recordedBy: 'connect(2)',
    otherEnd: () => otherEndOf(inode),
  };
}

/**
 * What a descriptor tells of its own socket.
 *
 * @param kind - where whoever opened the socket knows it: the socket itself need not tell
 */
export function factsOf(socket: Fd, kind?: SocketKind): SocketFacts {
  const peerAddress = valueOf(reading(() => peerAddressOf(socket)));
  const inode = reading(() => socketInodeOf(socket));
  const { type, state } = kind ?? kindOf(socket, inode, peerAddress);
  return {
    address: addressOf(socket),
    type,
    state,
    inode,
    file: undefined,
    guards: undefined,
    peerAddress,
    backlog: undefined,
  };
}

/** By getsockopt(2), or where a BPF program refuses that, by the kernel's list of our network namespace. */
function kindOf(socket: Fd, inode: Reading<number>, peerAddress: UnixAddress | undefined): SocketKind {
  try {
    const type = typeOf(socket);
    return { type, state: isListening(socket) ? 'listening' : peerAddress === undefined ? 'unconnected' : 'connected' };
  } catch (error) {
    const number = valueOf(inode);
    const listed = number === undefined ? undefined : valueOf(reading(() => socketOfInode(number)));
    if (listed === undefined) throw error;
    return { type: listed.type, state: listed.state };
  }
}

/** Which call took the credential, as far as the two addresses tell. */
export function recordingCall({
  state,
  address,
  peerAddress,
}: Pick<SocketFacts, 'state' | 'address' | 'peerAddress'>): RecordingCall {
  if (state === 'listening') return 'listen(2)';
  const bound = isNamed(address);
  const peerBound = isNamed(peerAddress);
  if (!bound && !peerBound) return 'socketpair(2)';
  // An accepted socket has its listener's name; only a client is without one
  if (!peerBound) return 'connect(2)';
  return bound ? 'connect(2) or listen(2)' : 'listen(2)';
}

function isNamed(address: UnixAddress | undefined): boolean {
  return address !== undefined && address.kind !== 'unnamed';
}

/** The inode of the socket at the other end, from the kernel's list of our network namespace. */
function otherEndOf(inode: Reading<number>): Reading<number> {
  if ('error' in inode) return inode;
  const peer = reading(() => socketOfInode(inode.value)?.peerInode);
  if ('error' in peer) return peer;
  if (peer.value !== undefined) return { value: peer.value };
  return { error: { syscall: 'sock_diag: no other end in this network namespace', code: 'ENOENT' } };
}
