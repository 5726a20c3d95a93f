import type { Fd } from '../../../native-probe/fd.js';
import { isWritable } from '../../../native-probe/poll.js';
import { socketOfInode } from '../../../native-probe/sock-diag.js';
import { openSocket, socketInodeOf } from '../../../native-probe/unix-socket.js';
import { connectReached, type NamedAddress, reach } from '../../socket/opening/reaching.js';
import { reading, valueOf } from '../../words/reading.js';
import { isRelative } from '../bound-file/holders-look.js';
import { openIn, ownView, viewsOf } from '../bound-file/path-view.js';
import type { FoundSocket } from '../survey/found-sockets.js';

/**
 * Whether a datagram receiver's queue has room for one more message, by a socket of our own that is connected to it and
 * sends nothing, of which the receiver is not told. net/unix/af_unix.c, unix_dgram_poll()
 *
 * @returns undefined where none can be: nobody but the peer of one that is connected itself may send to it
 */
export function hasRoomForOneMore({ socket, holders }: FoundSocket): boolean | undefined {
  const { address, inode, peerInode } = socket;
  if (address.kind === 'unnamed' || peerInode !== undefined) return undefined;
  if (address.kind === 'abstract') return askBy(inode, address);
  if (isRelative(address.path)) return undefined;
  const theirs = valueOf(viewsOf(holders.slice(0, 1).map(({ pid }) => pid)));
  for (const view of new Set([ownView, ...(theirs?.values() ?? [])])) {
    const room = reading(() => {
      using file = openIn(view, address.path);
      return askBy(inode, address, file);
    });
    if (valueOf(room) !== undefined) return valueOf(room);
  }
  return undefined;
}

function askBy(inode: number, address: NamedAddress, file?: Fd): boolean | undefined {
  return valueOf(
    reading(() => {
      using ours = openSocket('dgram');
      using reached = reach(address, file);
      connectReached(ours, reached);
      // Another may have the name by now, or in our network namespace
      return socketOfInode(socketInodeOf(ours))?.peerInode === inode ? isWritable(ours) : undefined;
    }),
  );
}
