import type { DiagSocket } from '../../../native-probe/diag-socket.js';
import { listSockets } from '../../../native-probe/sock-diag.js';
import type { SocketType } from '../../../native-probe/socket-kinds.js';
import type { UnixAddress } from '../../../native-probe/unix-address.js';
import type { SocketFile } from '../socket-file.js';

/**
 * The socket that is bound to an address, in the kernel's list of our network
 * namespace. A path is looked for by the file that the socket made, since
 * another file may have that path by now.
 *
 * @throws SyscallError when the kernel has no such list, or may not be asked
 */
export function findBoundSocket(
  address: UnixAddress,
  type: SocketType,
  file: SocketFile | undefined,
): DiagSocket | undefined {
  return findAtAddress(address, type, file).find((socket) => socket.type === type && isReached(socket));
}

/**
 * Every socket that an address leads to, the one that a client reaches first:
 * who listens, then who receives datagrams, then what is bound and does
 * neither. An abstract name may be one socket of each type.
 *
 * @param type - the only type wanted: where such a listener is found, sockets that do not listen are not looked at
 * @throws SyscallError when the kernel has no such list, or may not be asked
 */
export function findAtAddress(
  address: UnixAddress,
  type: SocketType | undefined,
  file: SocketFile | undefined,
): DiagSocket[] {
  const isWanted = (socket: DiagSocket): boolean => isReached(socket) && (type ?? socket.type) === socket.type;
  const ask = (): DiagSocket[] => {
    const listeners = boundTo(listSockets('listening'), address, file);
    const others = listeners.some(isWanted) ? [] : boundTo(listSockets('not listening'), address, file);
    return inOrder([...listeners, ...others]);
  };
  const found = ask();
  // While sockets come and go, the kernel's list may leave one out
  return found.some(isWanted) ? found : ask();
}

/** Those of some sockets that an address leads to, as {@link findAtAddress} has them. */
export function thoseAtAddress(
  sockets: DiagSocket[],
  address: UnixAddress,
  file: SocketFile | undefined,
): DiagSocket[] {
  return inOrder(boundTo(sockets, address, file));
}

function inOrder(sockets: DiagSocket[]): DiagSocket[] {
  return sockets.sort((one, other) => rankOf(one) - rankOf(other));
}

/** Whether clients reach a socket: it listens, or takes datagrams. */
function isReached({ type, state }: DiagSocket): boolean {
  return type === 'dgram' || state === 'listening';
}

/** What listens comes first, and of that a stream; what is only bound last, and what is connected at the very end. */
function rankOf({ type, state }: DiagSocket): number {
  const ofType = { stream: 0, seqpacket: 1, dgram: 2 }[type];
  if (type === 'dgram' || state === 'listening') return ofType;
  return ofType + (state === 'unconnected' ? 3 : 6);
}

function boundTo(sockets: DiagSocket[], address: UnixAddress, file: SocketFile | undefined): DiagSocket[] {
  const found = sockets.filter((socket) => isBoundTo(socket, address, file));
  return found.length > 0 ? found : [boundByName(sockets, address, file) ?? []].flat();
}

/**
 * The socket that was bound to a path and has its file's inode number, where
 * there is only one such. For btrfs and some overlays, on which stat(2) tells
 * another device than the kernel's list does.
 */
export function boundByName(
  sockets: readonly DiagSocket[],
  address: UnixAddress,
  file: SocketFile | undefined,
): DiagSocket | undefined {
  if (address.kind !== 'path' || file === undefined) return undefined;
  const inode = file.inode & 0xffffffffn;
  const [only, ...others] = sockets.filter(
    (socket) =>
      socket.file?.inode === inode && socket.address.kind === 'path' && socket.address.path.equals(address.path),
  );
  return others.length === 0 ? only : undefined;
}

/** Whether a socket is the one that a path or an abstract name leads to. */
export function isBoundTo(socket: DiagSocket, address: UnixAddress, file: SocketFile | undefined): boolean {
  if (address.kind === 'abstract') {
    return socket.address.kind === 'abstract' && socket.address.name.equals(address.name);
  }
  if (file === undefined || socket.file === undefined) return false;
  const listed = asListed(file);
  return socket.file.inode === listed.inode && socket.file.device === listed.device;
}

/** A file as the kernel's list has it: 32 bits of the inode number, and the device as the kernel writes it itself. */
export function asListed({ inode, device }: Pick<SocketFile, 'inode' | 'device'>): NonNullable<DiagSocket['file']> {
  return { inode: inode & 0xffffffffn, device: kernelDevice(device) };
}

/** A device number as the kernel keeps it, from what stat(2) says. <linux/kdev_t.h>, new_encode_dev() */
function kernelDevice(device: bigint): number {
  const number = Number(device);
  const major = (number >>> 8) & 0xfff;
  const minor = (number & 0xff) | ((number >>> 12) & 0xfff00);
  return ((major << 20) | minor) >>> 0;
}
