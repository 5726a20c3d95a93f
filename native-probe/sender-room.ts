import type { Fd } from './fd.js';
import { isWritable } from './poll.js';
import { uapi } from './uapi.js';
import { integerOption } from './unix-socket.js';

/**
 * Whether the receiver to which a datagram socket is connected has room for one more message: it takes one more than
 * net.unix.max_dgram_qlen was when it was made. net/unix/af_unix.c, unix_dgram_poll()
 *
 * @param unread - memory of what was sent by this socket and is not read yet, of UNIX_DIAG
 * @returns undefined where the socket's own SO_SNDBUF may be what is full
 */
export function receiverHasRoom(sender: Fd, unread: number): boolean | undefined {
  if (isWritable(sender)) return true;
  // unix_writable()
  return unread * 4 > integerOption(sender, uapi.SO_SNDBUF, 'SO_SNDBUF') ? undefined : false;
}
