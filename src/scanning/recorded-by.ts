import type { UnixAddress } from '../../native-probe/unix-address.js';
import { type RecordingCall, recordingCall } from '../socket/recording-call.js';
import type { ListedSocket } from './survey/found-sockets.js';

/**
 * The call by which the kernel took a socket's credential.
 *
 * @param peerAddress - what the other end is bound to
 * @param other - the other end, where it is in the list
 * @param listens - whether a listener is bound to an address now: an end that has a listener's name was accepted there
 */
export function recordedBy(
  one: ListedSocket,
  peerAddress: UnixAddress | undefined,
  other: ListedSocket | undefined,
  listens: (socket: ListedSocket) => boolean,
): RecordingCall {
  const { state, address } = one.socket;
  const call = recordingCall({ state, address, peerAddress });
  if (call !== 'connect(2) or listen(2)') return call;
  if (listens(one)) return 'connect(2)';
  return other !== undefined && listens(other) ? 'listen(2)' : call;
}

/**
 * A key that a listener shares with the sockets that it accepted, and with no others; undefined without a name.
 * A path leads from one network namespace into another; an abstract name is another one in each.
 */
export function nameKey({ socket: { address, file, type }, networkNamespace }: ListedSocket): string | undefined {
  if (file !== undefined) return `${type} ${file.device}:${file.inode}`;
  if (address.kind !== 'abstract') return undefined;
  return `${type} ${networkNamespace ?? ''} @${address.name.toString('latin1')}`;
}
