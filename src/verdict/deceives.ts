import type { PassOption } from '../../native-probe/socket-kinds.js';
import type { RecordingCall } from '../socket/recording-call.js';
import type { Finding } from './finding.js';
import type { Verdict } from './verdict.js';

/** What is known of a socket whose holder is told of a peer. */
export interface ToldOfPeer {
  /** The one that counts. */
  readonly verdict: Verdict;
  readonly recordedBy: RecordingCall;
  readonly listens: boolean;
  /** Undefined where these are not known. */
  readonly asks: readonly PassOption[] | undefined;
  /** See goesByWriters(). */
  readonly byWriters: boolean;
  readonly findings: readonly Finding[];
}

/**
 * Whether what a socket's holder is told may deceive it, rather than be unusual only. peerpid-scan(1) has the rule.
 *
 * A service that accepts has to judge strangers, and any of them may end and leave its number to another. Who called
 * listen(2) or socketpair(2) and has ended is as a rule a daemon that forked, and nobody is told so but a client that
 * asks: SO_PEERCRED leaves no trace, SO_PASSCRED and SO_PASSPIDFD do. The journal is told who writes each line.
 */
export function deceives({ verdict, recordedBy, listens, asks, byWriters, findings }: ToldOfPeer): boolean {
  switch (verdict) {
    case 'pinned':
      return false;
    case 'none':
      return findings.some(({ id }) => id === 'credential-refused');
    case 'contradicted':
      // What a daemon does by itself never looks like that
      return true;
    default:
      if (byWriters) return false;
      if (recordedBy === 'connect(2)' || recordedBy === 'connect(2) or listen(2)') return true;
      // What a listener asks for is for those that it accepts
      return !listens && asks !== undefined && (asks.includes('cred') || asks.includes('pidfd'));
  }
}
