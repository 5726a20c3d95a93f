import type { PassOption } from '../../native-probe/socket-kinds.js';
import { type Finding, finding } from './finding.js';

/** The finding about a socket that asks for each sender's number (SO_PASSCRED) and not for its pidfd (SO_PASSPIDFD). */
export function judgesByNumber(asks: readonly PassOption[]): Finding[] {
  if (!asks.includes('cred') || asks.includes('pidfd')) return [];
  const text =
    "Whoever receives here is told the number of each message's sender (SO_PASSCRED) and gets no pidfd of it (SO_PASSPIDFD is off): by the time that the number is looked up, it may be another process's.";
  return [finding('judges-by-number', 'info', text)];
}
