import { processStat } from '../../../native-probe/proc/process.js';
import { waitFor } from '../wait-for.js';
import type { Peer } from './peer.js';

/** A wrapper for a peer: a parent that waits for it, unless it is stopped. */
export const stoppableParent = ['perl', '-e', 'system @ARGV'];

/** Kills a peer that has a {@link stoppableParent}, whose number is `pid`: a zombie, until the end of the block. */
export async function makeZombie(peer: Pick<Peer, 'pid' | 'ownPid'>): Promise<Disposable> {
  const goOn = (): void => {
    process.kill(peer.pid, 'SIGCONT');
  };
  process.kill(peer.pid, 'SIGSTOP');
  try {
    // Before that it may still be in wait(2), and see the end of its child
    await waitFor('its parent is stopped', () => processStat(peer.pid).state === 'T');
    process.kill(peer.ownPid, 'SIGKILL');
    await waitFor('it is a zombie', () => processStat(peer.ownPid).state === 'Z');
  } catch (error) {
    goOn();
    throw error;
  }
  return { [Symbol.dispose]: goOn };
}
