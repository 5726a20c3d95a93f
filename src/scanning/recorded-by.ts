import type { DiagSocket } from '../../native-probe/sock-diag.js';
import type { UnixAddress } from '../../native-probe/unix-address.js';
import { recordingCall } from '../opening/open-descriptor.js';
import type { RecordingCall } from '../opening/socket-facts.js';

/**
 * The call by which a socket's credential was taken.
 *
 * @param peerAddress - what the other end is bound to
 * @param listens - whether a listener is bound to an address now: an end that has a listener's name was accepted there
 */
export function recordedBy(
  socket: DiagSocket,
  peerAddress: UnixAddress | undefined,
  listens: (socket: DiagSocket) => boolean,
): RecordingCall {
  const call = recordingCall({ state: socket.state, address: socket.address, peerAddress });
  if (call !== 'connect(2) or listen(2)') return call;
  return listens(socket) ? 'connect(2)' : call;
}

/** What is the same of a listener and of the sockets that it accepted, and of no others. Undefined without a name. */
export function nameKey({ address, file, type }: DiagSocket): string | undefined {
  if (file !== undefined) return `${type} ${file.device}:${file.inode}`;
  return address.kind === 'abstract' ? `${type} @${address.name.toString('latin1')}` : undefined;
}
