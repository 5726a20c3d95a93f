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
