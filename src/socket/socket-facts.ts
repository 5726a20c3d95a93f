import type { Fd } from '../../native-probe/fd.js';
import type { PassOption, SocketType } from '../../native-probe/socket-kinds.js';
import type { UnixAddress } from '../../native-probe/unix-address.js';
import type { Reading } from '../words/reading.js';
import type { GuardedDirectory } from './guards.js';
import type { Holders } from './holders.js';
import type { RecordingCall } from './recording-call.js';
import type { SocketFile } from './socket-file.js';

/** What sort of socket it is. */
export interface SocketKind {
  readonly type: SocketType;
  readonly state: 'listening' | 'connected' | 'unconnected';
}

/** What was looked at. */
export interface SocketFacts extends SocketKind {
  readonly address: UnixAddress;
  /** The inode number of the socket itself, not of its file. */
  readonly inode: Reading<number>;
  readonly file: SocketFile | undefined;
  /** Directories on the way to the file that not everybody may enter; undefined without a file. */
  readonly guards: Reading<readonly GuardedDirectory[]> | undefined;
  /** What the other end is bound to, which the peer chose; undefined when there is no other end. */
  readonly peerAddress: UnixAddress | undefined;
  readonly backlog: { readonly waiting: number; readonly most: number } | undefined;
  /** What it asks to be told; undefined where we have no duplicate of it but a connection to it. */
  readonly asks?: Reading<readonly PassOption[]> | undefined;
}

/** A socket that can be asked who its peer is. */
export interface PeerSocket {
  /** Undefined for a datagram socket that nobody lets us ask: it has no peer anyway. */
  readonly socket: Fd | undefined;
  readonly facts: SocketFacts;
  readonly recordedBy: RecordingCall;
  /** Asks for the inode number of the socket whose holders are the other end. */
  readonly otherEnd: () => Reading<number>;
  /** Those holders, where they had to be found to open it. */
  readonly holders?: Reading<Holders>;
}

/** The same, to be closed by whoever opened it. */
export interface OpenedSocket extends PeerSocket, Disposable {}
