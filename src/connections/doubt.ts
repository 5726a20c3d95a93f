import type { ScannedSocketDocument } from '../document/scan-document.js';
import type { Verdict } from '../verdict/verdict.js';

/** The verdict in the view of the service that holds the socket; undefined where nobody asked. */
export function verdictThatCounts({ seenBy, verdict }: ScannedSocketDocument): Verdict | undefined {
  return seenBy?.verdict ?? verdict;
}

/**
 * Whether a row's PID is not to be believed. `none` does not count: sockets
 * without a connection, and most datagram sockets, have no PID to believe. A
 * credential that was refused is another thing.
 */
export function isDoubtful(row: ScannedSocketDocument): boolean {
  const verdict = verdictThatCounts(row);
  if (verdict === 'none') return row.findings.some(({ id }) => id === 'credential-refused');
  return verdict !== undefined && verdict !== 'pinned';
}
