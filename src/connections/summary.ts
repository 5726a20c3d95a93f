import type { ScannedSocketDocument, ScanSummary } from '../document/scan-document.js';
import type { Finding } from '../verdict/finding.js';
import type { Verdict } from '../verdict/verdict.js';
import { verdictThatCounts } from './doubt.js';

/** Counts sockets, connections, verdicts and findings in the rows of a scan. */
export function summaryOf(sockets: readonly ScannedSocketDocument[]): ScanSummary {
  const verdicts: Partial<Record<Verdict, number>> = {};
  const deceived: Partial<Record<Verdict, number>> = {};
  const findings: Record<string, number> = {};
  const peers = new Map<number, number | undefined>();
  for (const { inode, peerInode } of sockets) peers.set(inode, peerInode);
  let connections = 0;
  let listening = 0;
  let receivers = 0;
  for (const row of sockets) {
    const { inode, peerInode, state, type, address } = row;
    if (state === 'listening') listening++;
    else if (type === 'dgram' && address !== undefined) receivers++;
    // Two connected ends count once, at the older; an end whose other end is not in the list, or a sender, by itself
    const isSecond = peerInode !== undefined && peerInode < inode && peers.get(peerInode) === inode;
    if (state === 'connected' && !isSecond) connections++;
    const verdict = verdictThatCounts(row);
    if (verdict !== undefined) {
      verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
      if (row.deceives === true) deceived[verdict] = (deceived[verdict] ?? 0) + 1;
    }
    if (row.findings.length > 0) count(row.findings, findings);
  }
  return {
    sockets: sockets.length,
    connections,
    listening,
    receivers,
    verdicts,
    deceived,
    findings: mostFirst(findings),
  };
}

/** The kernel lists sockets in another order each time. */
function mostFirst(findings: Readonly<Record<string, number>>): ScanSummary['findings'] {
  return Object.fromEntries(
    Object.entries(findings).sort(([one, its], [other, others]) => others - its || (one < other ? -1 : 1)),
  );
}

/** Counts each finding id of a row once, however often the row has it. */
function count(ofRow: readonly Finding[], findings: Record<string, number>): void {
  for (const id of new Set(ofRow.map((one) => one.id))) findings[id] = (findings[id] ?? 0) + 1;
}
