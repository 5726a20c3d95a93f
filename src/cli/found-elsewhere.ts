import { isBoundTo } from '../socket/opening/find-socket.js';
import type { PeerSocket } from '../socket/socket-facts.js';
import type { Witness } from '../words/evidence.js';
import { notHeldUp } from './held-up.js';

/**
 * What was connected to, with its inode number where the list of this network namespace does not have it and that of
 * another one does, which takes root: a path leads there, too. By that number its holders are found.
 */
export async function foundElsewhere(peer: PeerSocket, witness: Witness): Promise<PeerSocket> {
  const { inode, address, file, state } = peer.facts;
  const isUnlisted = 'error' in inode && inode.error.code === 'ENOENT';
  if (!isUnlisted || address.kind !== 'path' || state !== 'listening') return peer;
  const { whyUnreached } = await import('../scanning/unreached/unreached.js');
  const { likeness, candidates } = notHeldUp(() => whyUnreached(address));
  const [first] = candidates;
  // The path may lead elsewhere by now
  const isIt =
    likeness === 'bound' &&
    first?.elsewhere !== undefined &&
    first.socket.state === 'listening' &&
    isBoundTo(first.socket, address, file);
  witness.conclude(
    'sock_diag: the AF_UNIX sockets of other network namespaces, as far as they may be entered',
    isIt ? `inode ${first.socket.inode}` : 'none is bound to the file',
    isIt
      ? `this is the socket that was reached, in network namespace ${first.elsewhere}`
      : 'which socket was reached is not known',
  );
  return isIt ? { ...peer, otherEnd: () => ({ value: first.socket.inode }) } : peer;
}
