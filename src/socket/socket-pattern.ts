import { posix } from 'node:path';

import { findNamed } from './named-socket.js';

/** What a call says of the socket that it leads to. */
interface Reached {
  readonly address?: string;
  readonly directory?: string;
  readonly serverInode?: number;
  readonly inode?: number;
}

/** Whether a call leads to the socket that was named. */
export type SocketPattern = (reached: Reached) => boolean;

/**
 * What SOCKET names, for calls that are yet to come: by its address, or the name that a path leads to now; by the inode
 * number of a socket. Nobody needs to be there.
 *
 * @throws Problem when it means nothing
 */
export function socketPattern(typed: string): SocketPattern {
  const { addresses, inode } = findNamed(typed);
  const wanted = new Set(addresses.map(absolute));
  return (reached) => {
    if (inode !== undefined && (reached.serverInode === inode || reached.inode === inode)) return true;
    const { address, directory } = reached;
    if (address === undefined) return false;
    if (address.startsWith('@')) return wanted.has(address);
    return wanted.has(directory === undefined ? absolute(address) : posix.join(directory, address));
  };
}

function absolute(address: string): string {
  return address.startsWith('@') ? address : posix.resolve(address);
}
