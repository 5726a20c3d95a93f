import { statSync } from 'node:fs';

import type { Fd } from '../../native-probe/fd.js';
import type { UnixAddress } from '../../native-probe/unix-address.js';
import type { SocketType } from '../../native-probe/unix-socket.js';
import type { Asked } from '../document/inspect-document.js';
import type { Reading } from '../words/reading.js';
import type { GuardedDirectory } from './guards.js';
import type { Holders } from './holders.js';

/** The file of a socket that is bound to a path. */
export interface SocketFile {
  readonly uid: number;
  readonly gid: number;
  /** With the file's type, as in stat(2). */
  readonly mode: number;
  readonly inode: bigint;
  readonly device: bigint;
}

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
  readonly asks?: Reading<readonly Asked[]> | undefined;
}

/** The call by which the kernel took the peer's credential. unix(7), SO_PEERCRED */
export type RecordingCall = 'connect(2)' | 'listen(2)' | 'socketpair(2)' | 'connect(2) or listen(2)';

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

/** The file at a path, by stat(2): symbolic links are followed, as connect(2) does. */
export function fileAt(path: Buffer): SocketFile & { readonly isSocket: boolean } {
  const stat = statSync(path, { bigint: true });
  return {
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    mode: Number(stat.mode),
    inode: stat.ino,
    device: stat.dev,
    isSocket: stat.isSocket(),
  };
}
