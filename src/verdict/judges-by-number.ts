import type { PassOption } from '../../native-probe/socket-kinds.js';
import { type Finding, finding } from './finding.js';

/** The finding about a socket that asks for each sender's number (SO_PASSCRED) and not for its pidfd (SO_PASSPIDFD). */
export function judgesByNumber(asks: readonly PassOption[]): Finding[] {
  if (!asks.includes('cred') || asks.includes('pidfd')) return [];
  const text =
    "The receiver sees the PID of each message's sender (SO_PASSCRED) and gets no pidfd (SO_PASSPIDFD is off): by the time it looks the PID up, another process may have it.";
  return [finding('judges-by-number', 'info', text)];
}
