/** How the file of an address is reached by connect(2), which looks the path up and asks for the right to write to it. */
import { lstatSync } from 'node:fs';

import { callAtPath } from '../../../native-probe/calls/path-call.js';
import type { Fd } from '../../../native-probe/fd.js';
import { openPath } from '../../../native-probe/paths.js';
import { isLocal } from '../../../native-probe/proc/mount.js';
import { encodeAddress, sunPathSize, type UnixAddress } from '../../../native-probe/unix-address.js';
import { connect } from '../../../native-probe/unix-socket.js';
import { reading, valueOf } from '../../words/reading.js';
import { formatTarget } from '../address.js';

/** An address that leads to a socket. */
export type NamedAddress = Exclude<UnixAddress, { kind: 'unnamed' }>;

/** An address as connect(2) takes it. */
export interface Reached extends Disposable {
  readonly address: UnixAddress;
  /** The file that the address is a descriptor of. */
  readonly file?: Fd;
}

const descriptors = '/proc/self/fd/';

/** Whether an open file can be connected to itself, whatever its path leads to: not without /proc. */
export function isReachable(file: Fd): boolean {
  // The link itself: the file system of what it leads to may be asked, and not answer
  return lstatSync(`${descriptors}${file.number}`, { throwIfNoEntry: false }) !== undefined;
}

/**
 * An address that fits sun_path: a path that is longer is replaced by a descriptor of its file, open until disposed of.
 *
 * @param file - the file of the address where it is held open: then that is reached, unless there is no /proc
 */
export function reach(address: NamedAddress, file?: Fd): Reached {
  if (file !== undefined && isReachable(file)) {
    return { address: throughDescriptor(file.number), file, [Symbol.dispose]: () => undefined };
  }
  if (address.kind !== 'path' || address.path.length <= sunPathSize) {
    return { address, [Symbol.dispose]: () => undefined };
  }
  const opened = openPath(address.path, formatTarget(address));
  return {
    address: throughDescriptor(opened.number),
    file: opened,
    [Symbol.dispose]: () => {
      opened[Symbol.dispose]();
    },
  };
}

function throughDescriptor(number: number): UnixAddress {
  return { kind: 'path', path: Buffer.from(`${descriptors}${number}`) };
}

/**
 * Whether connect(2) waits for no other process and no other machine: a FUSE with default_permissions, or an NFS, may be
 * asked for the file's mode. fs/fuse/dir.c, fuse_permission(); net/unix/af_unix.c, unix_find_bsd()
 */
export function isAtOnce({ address, file }: Reached): boolean {
  if (address.kind !== 'path') return true;
  return file !== undefined && valueOf(reading(() => isLocal(file))) === true;
}

/**
 * connect(2). Where the file system may be asked a child of ours makes it, which can be given up: then the other end is
 * told of the child, which has ended.
 *
 * @throws SyscallError as connect(2); of stat, ETIMEDOUT where the file system does not answer in time
 */
export function connectReached(socket: Fd, reached: Reached): void {
  const { address, file } = reached;
  if (isAtOnce(reached)) {
    connect(socket, address);
    return;
  }
  const there = encodeAddress(file === undefined ? address : throughDescriptor(2));
  callAtPath({
    subject: '',
    call: ['connect', 1, there, there.length],
    descriptors: file === undefined ? [socket] : [socket, file],
    direct: () => {
      connect(socket, address);
    },
  });
}
