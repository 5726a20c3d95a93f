import type { UnixAddress } from '../../native-probe/unix-address.js';

/** The call by which the kernel took the peer's credential, as far as the addresses of both ends tell. */
export function recordingCall({
  state,
  address,
  peerAddress,
}: {
  readonly state: 'listening' | 'connected' | 'unconnected';
  readonly address: UnixAddress;
  readonly peerAddress: UnixAddress | undefined;
}): RecordingCall {
  if (state === 'listening') return 'listen(2)';
  const bound = isNamed(address);
  const peerBound = isNamed(peerAddress);
  if (!bound && !peerBound) return 'socketpair(2)';
  // An accepted socket has its listener's name; only a client is without one
  if (!peerBound) return 'connect(2)';
  return bound ? 'connect(2) or listen(2)' : 'listen(2)';
}

function isNamed(address: UnixAddress | undefined): boolean {
  return address !== undefined && address.kind !== 'unnamed';
}

/** The call by which the kernel took the peer's credential. unix(7), SO_PEERCRED */
export type RecordingCall = 'connect(2)' | 'listen(2)' | 'socketpair(2)' | 'connect(2) or listen(2)';
