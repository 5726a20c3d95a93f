import type { Backlog } from '../../native-probe/diag-socket.js';
import type { Fd } from '../../native-probe/fd.js';
import type { PassOption, SocketType } from '../../native-probe/socket-kinds.js';
import type { UnixAddress } from '../../native-probe/unix-address.js';
import type { Reading } from '../words/reading.js';
import type { GuardedDirectory } from './guards.js';
import type { Holders } from './holders.js';
import type { RecordingCall } from './recording-call.js';
import type { SocketFile } from './socket-file.js';

/** A socket's type and state. */
export interface SocketKind {
  readonly type: SocketType;
  readonly state: 'listening' | 'connected' | 'unconnected';
}

/**
 * Whether what was connected to is bound to the file that was looked at. `unknown`: what was reached is not in the
 * kernel's list any more, or its file system tells two devices.
 */
export type ReachedFile = 'same' | 'other' | 'unknown';

/** A connection to it, a duplicate of it from a process that has it open, or the kernel's list alone. */
export interface Way {
  readonly by: 'connection' | 'duplicate' | 'list';
  /** Why it took a connection; undefined where that was asked for, and without one. */
  readonly why?: string | undefined;
}

/** What is known of the socket that was looked at. */
export interface SocketFacts extends SocketKind {
  readonly address: UnixAddress;
  /** What the kernel says that it was bound to, where it was reached by a name; undefined where that is not known. */
  readonly boundAddress?: UnixAddress | undefined;
  /** The inode number of the socket itself, not of its file. */
  readonly inode: Reading<number>;
  readonly file: SocketFile | undefined;
  /** Whether the file that the path led to is the one that was connected to; undefined where it was not connected to. */
  readonly fileReached?: ReachedFile;
  /** Directories on the path to the file that not everybody may enter; undefined without a file. */
  readonly guards: Reading<readonly GuardedDirectory[]> | undefined;
  /** What the other end is bound to, which the peer chose; undefined when there is no other end. */
  readonly peerAddress: UnixAddress | undefined;
  /** Of a connected datagram socket, whether the one that it is connected to is closed, by the kernel's list. */
  readonly isReceiverClosed?: boolean | undefined;
  /** A listener's clients that wait to be accepted, without peerpid itself; undefined where that is not known. */
  readonly backlog: Backlog | undefined;
  /** The SO_PASS* options that are on; undefined where we have no duplicate of the socket, but a connection to it. */
  readonly asks?: Reading<readonly PassOption[]> | undefined;
  /** By which way it was looked at; undefined where it was ours already. */
  readonly way?: Way;
}

/** A socket that can be asked who its peer is. */
export interface PeerSocket {
  /** Undefined for a datagram socket that nobody lets us ask: it has no peer anyway. */
  readonly socket: Fd | undefined;
  readonly facts: SocketFacts;
  readonly recordedBy: RecordingCall;
  /** Asks for the inode number of the socket whose holders are the other end. */
  readonly otherEnd: () => Reading<number>;
  /** The holders of the other end, where they were looked for to open the socket. */
  readonly holders?: Reading<Holders>;
}

/** A socket that can be asked who its peer is, to be closed by whoever opened it. */
export interface OpenedSocket extends PeerSocket, Disposable {}
