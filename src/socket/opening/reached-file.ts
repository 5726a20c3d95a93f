/** Whether a connection is to the file that was looked at, where it could not be made through a descriptor of it. */
import type { Fd } from '../../../native-probe/fd.js';
import { listSockets } from '../../../native-probe/sock-diag.js';
import { socketInodeOf } from '../../../native-probe/unix-socket.js';
import type { Witness } from '../../words/evidence.js';
import { valueOf } from '../../words/reading.js';
import type { ReachedFile } from '../socket-facts.js';
import type { SocketFile } from '../socket-file.js';
import { asListed } from './find-socket.js';

/**
 * Asks the kernel's list what the socket that was reached is bound to: an accepted one is bound as its listener is.
 * UNIX_DIAG_VFS; net/unix/af_unix.c, unix_stream_connect()
 */
export function reachedFile(socket: Fd, file: SocketFile, witness: Witness): ReachedFile {
  const asked = witness.ask(() => fileReachedBy(socket, file), {
    call: () => 'sock_diag: the file of the socket that was reached',
    answer: String,
    concluded: (reached) =>
      ({
        same: 'it is the file that was looked at',
        other: 'it is not the file that was looked at: the path changed in the meantime',
        unknown: 'so the file that was looked at may be another',
      })[reached],
  });
  return valueOf(asked) ?? 'unknown';
}

function fileReachedBy(socket: Fd, file: SocketFile): ReachedFile {
  const inode = socketInodeOf(socket);
  const sockets = listSockets('all');
  const { peerInode } = sockets.find((one) => one.inode === inode) ?? {};
  // Until it is accepted it has no inode number, and its listener tells of us
  const reached =
    sockets.find((one) => one.inode === peerInode) ?? sockets.find(({ pending }) => pending?.includes(inode));
  if (reached?.file === undefined) return 'unknown';
  const expected = asListed(file);
  if (reached.file.inode !== expected.inode) return 'other';
  // On btrfs and some overlays stat(2) tells another device than the list
  return reached.file.device === expected.device ? 'same' : 'unknown';
}
