import type { ScannedSocketDocument } from '../document/scan-document.js';
import type { Verdict } from '../verdict/verdict.js';

/** The verdict in the view of the socket's holder (`seenBy`), else in ours; undefined where nobody was asked. */
export function verdictThatCounts({ seenBy, verdict }: ScannedSocketDocument): Verdict | undefined {
  return seenBy?.verdict ?? verdict;
}

/**
 * Whether a row's PID is not to be believed. `none` does not count, since
 * sockets without a connection, and most datagram sockets, have no PID to
 * believe; but it does where the credential was refused.
 */
export function isDoubtful(row: ScannedSocketDocument): boolean {
  const verdict = verdictThatCounts(row);
  if (verdict === 'none') return row.findings.some(({ id }) => id === 'credential-refused');
  return verdict !== undefined && verdict !== 'pinned';
}
