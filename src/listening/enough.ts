import type { SocketType } from '../../native-probe/socket-kinds.js';
import { Problem } from '../words/problem.js';
import type { Journal } from './journal.js';

/**
 * Of `--count`: whether as many came as were waited for, clients, or of a datagram socket messages.
 *
 * @param wanted - Infinity where no number was given
 * @throws Problem when listening ended before
 */
export function requireEnough(
  { connections, messages }: Pick<Journal, 'connections' | 'messages'>,
  wanted: number,
  type: SocketType,
): void {
  const [what, came] = type === 'dgram' ? ['message', messages] : ['client', connections];
  if (wanted === Infinity || came >= wanted) return;
  const all = wanted === 1 ? `a ${what}` : `${wanted} ${what}s`;
  throw new Problem(
    'INCOMPLETE',
    `stopped before ${all} came${came === 0 ? '' : `, after ${came}`}`,
    'It waits until that many have come, and clients have left, unless Ctrl-C, a signal or --timeout stops it first.',
  );
}
