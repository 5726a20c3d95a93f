import type { UnixAddress } from '../../native-probe/unix-address.js';
import { isBoundTo } from '../socket/opening/find-socket.js';
import type { SocketFile } from '../socket/socket-file.js';
import { nameKey } from './recorded-by.js';
import type { ListedSocket } from './survey/found-sockets.js';

/**
 * Picks from the kernel's list a listener or receiver and all that is connected
 * to it: accepted ends, which have its name, and their clients; clients that
 * wait to be accepted; the senders to a datagram socket.
 *
 * @param inode - of the listener or receiver
 * @returns nothing where that is not in the list
 */
export function connectedTo(inode: number, listed: readonly ListedSocket[]): ListedSocket[] {
  const service = listed.find(({ socket }) => socket.inode === inode);
  if (service === undefined) return [];
  const key = nameKey(service);
  const inodes = new Set([inode, ...(service.socket.pending ?? [])]);
  for (const one of listed) {
    const { socket } = one;
    if (key !== undefined && socket.state === 'connected' && nameKey(one) === key) {
      inodes.add(socket.inode);
      if (socket.peerInode !== undefined) inodes.add(socket.peerInode);
    }
    if (socket.peerInode === inode) inodes.add(socket.inode);
  }
  return listed.filter(({ socket }) => inodes.has(socket.inode));
}

/**
 * Picks what a listener accepted that is not in the list, as of another network namespace: the accepted ends are here if
 * their clients are, and are bound to its file, too.
 *
 * @param file - that the address led to
 */
export function acceptedAt(
  address: UnixAddress,
  file: SocketFile | undefined,
  listed: readonly ListedSocket[],
): ListedSocket[] {
  if (address.kind !== 'path') return [];
  const inodes = new Set(
    listed
      .filter(({ socket }) => socket.state === 'connected' && isBoundTo(socket, address, file))
      .flatMap(({ socket }) => [socket.inode, ...(socket.peerInode === undefined ? [] : [socket.peerInode])]),
  );
  return listed.filter(({ socket }) => inodes.has(socket.inode));
}
