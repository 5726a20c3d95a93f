import { placesTaken } from '../../native-probe/diag-socket.js';
import type { SocketFacts } from '../socket/socket-facts.js';
import type { CrowdAt } from '../scanning/crowd-at.js';
import { notHeldUp } from './held-up.js';
import { valueOf } from '../words/reading.js';

/**
 * Who waits at a listener or receiver that was looked at without a connection: one of ours would be among them. All
 * sockets are looked at for it, but only where somebody may wait.
 *
 * @param mayConnect - whether a datagram socket of ours may be connected to it
 */
export async function whoWaits(
  { type, state, inode, asks, backlog }: SocketFacts,
  mayConnect: boolean,
): Promise<CrowdAt> {
  const mayWait = type === 'dgram' ? state !== 'connected' : backlog !== undefined && placesTaken(backlog) > 1;
  const number = valueOf(inode);
  if (asks === undefined || number === undefined || !mayWait) return { findings: [] };
  const { crowdAt } = await import('../scanning/crowd-at.js');
  return notHeldUp(() => crowdAt(number, mayConnect));
}
