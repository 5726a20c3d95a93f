import type { Backlog } from '../../native-probe/diag-socket.js';
import type { Activity } from '../../native-probe/proc/process-activity.js';
import type { PassOption, SocketType } from '../../native-probe/socket-kinds.js';

export interface SocketDocument {
  /** As SOCKET takes it back; absent for a socket without a name. */
  readonly address?: string;
  /** What it was bound to, where that is another name than it was reached by. */
  readonly boundAddress?: string;
  readonly type: SocketType;
  readonly state: 'listening' | 'connected' | 'unconnected';
  /** How `inspect` looked at it: by a connection, on a duplicate of it, or by the kernel's list alone. */
  readonly way?: 'connection' | 'duplicate' | 'list';
  /** Why it took a connection; absent with `--connect`. */
  readonly whyConnected?: string;
  readonly inode?: number;
  /** Of the socket's file. */
  readonly owner?: IdDocument;
  readonly group?: IdDocument;
  /**
   * In octal, without the file's type: `0770`.
   * @pattern ^[0-7]{4}$
   */
  readonly mode?: string;
  /** The access control list of the file; absent where it has none. The group's permissions in mode are its mask. */
  readonly accessList?: readonly AccessEntryDocument[];
  /**
   * What lets nobody connect, root included, whatever the mode: `immutable`; `unmapped` where that may be so, as its owner
   * or group is shown as the overflow id on an idmapped mount.
   */
  readonly bar?: 'immutable' | 'unmapped';
  /** Directories on the path to the file that not everybody may enter. */
  readonly guardedBy?: readonly (FileDocument & { readonly path: string })[];
  /** What the other end is bound to: the peer chose it. */
  readonly peerAddress?: string;
  /** True of a datagram socket that is connected to one which is closed: peerAddress is what that was bound to. */
  readonly receiverClosed?: true;
  /** Clients that wait to be accepted, without peerpid itself. */
  readonly backlog?: Backlog;
  /** What its holders ask for; absent where the socket was connected to, and not read itself. */
  readonly asks?: readonly PassOption[];
}

/** Who may do what with a file. */
export interface FileDocument {
  readonly owner: IdDocument;
  readonly group: IdDocument;
  /**
   * In octal, without the file's type.
   * @pattern ^[0-7]{4}$
   */
  readonly mode: string;
  /** Its access control list; absent where it has none. The group's permissions in mode are its mask. */
  readonly accessList?: readonly AccessEntryDocument[];
  /**
   * What lets nobody connect, root included, whatever the mode: `immutable`; `unmapped` where that may be so, as its owner
   * or group is shown as the overflow id on an idmapped mount.
   */
  readonly bar?: 'immutable' | 'unmapped';
}

/** An entry of an access control list. acl(5) */
export interface AccessEntryDocument {
  readonly tag: 'owner' | 'user' | 'owning-group' | 'group' | 'mask' | 'others';
  /** Of a named user or group. */
  readonly id?: number;
  readonly name?: string;
  /** @pattern ^[r-][w-][x-]$ */
  readonly permissions: string;
}

/** The file that bind(2) made, whatever path leads to it now. */
export interface BoundInodeDocument {
  /**
   * Of the file system, as /proc/self/mountinfo has it: MAJOR:MINOR.
   * @pattern ^[0-9]+:[0-9]+$
   */
  readonly device: string;
  /** The lower 32 bits of it, which is what the kernel gives. */
  readonly inode: number;
}

/** MAJOR:MINOR of a device number as the kernel keeps it. <linux/kdev_t.h> */
export function deviceText(device: number): string {
  return `${device >>> 20}:${device & 0xfffff}`;
}

export interface IdDocument {
  readonly id: number;
  readonly name?: string;
}

export interface HolderDocument {
  readonly pid: number;
  /** The thread that has the descriptors: one with a table of its own, or that outlived the process's first. */
  readonly thread?: number;
  readonly pidfdId?: number;
  readonly comm?: string;
  /** What keeps the process from going on, where that is seen: see the process. */
  readonly activity?: Activity;
  readonly fds: readonly number[];
  /**
   * It was given the socket when it was started, as by systemd, under this name, null for none: LISTEN_FDS and
   * LISTEN_FDNAMES of its environment, which it may have changed. As a rule the name is that of the socket unit.
   */
  readonly givenAs?: string | null;
  /** The descriptor of the io_uring instance with which it is registered, where no descriptor of it was seen. */
  readonly ioUring?: number;
}
