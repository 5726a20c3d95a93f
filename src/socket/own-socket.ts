import type { Fd } from '../../native-probe/fd.js';
import { socketOfInode } from '../../native-probe/sock-diag.js';
import type { UnixAddress } from '../../native-probe/unix-address.js';
import { addressOf, isListening, peerAddressOf, socketInodeOf, typeOf } from '../../native-probe/unix-socket.js';
import { reading, type Reading, valueOf } from '../words/reading.js';
import { recordingCall } from './recording-call.js';
import type { PeerSocket, SocketFacts, SocketKind } from './socket-facts.js';

/** A socket that we have open, with what it tells of itself. @throws SyscallError as getsockname(2), getsockopt(2) */
export function peerSocketOf(socket: Fd): PeerSocket & { readonly socket: Fd } {
  const facts = socketFactsOf(socket);
  return {
    socket,
    facts,
    recordedBy: recordingCall(facts),
    otherEnd: () => (facts.state === 'listening' ? facts.inode : otherEndOf(facts.inode)),
  };
}

/** An accepted socket: it has its listener's type and address, which are not asked again. unix(7) */
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
 * @param kind - the type and state, where the caller knows them; else the socket is asked
 */
export function socketFactsOf(socket: Fd, kind?: SocketKind): SocketFacts {
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

/** The inode of the socket at the other end, from the kernel's list of our network namespace. */
function otherEndOf(inode: Reading<number>): Reading<number> {
  if ('error' in inode) return inode;
  const peer = reading(() => socketOfInode(inode.value)?.peerInode);
  if ('error' in peer) return peer;
  if (peer.value !== undefined) return { value: peer.value };
  return { error: { syscall: 'sock_diag: no other end in this network namespace', code: 'ENOENT' } };
}
