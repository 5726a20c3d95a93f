import assert from 'node:assert/strict';
import { statSync } from 'node:fs';

import type { ScanDocument, ScannedSocketDocument } from '../../../src/document/scan-document.js';
import type { HolderDocument } from '../../../src/document/socket-document.js';
import type { FindingId } from '../../../src/verdict/finding.js';
import type { Verdict } from '../../../src/verdict/verdict.js';
import { type RunOptions, runPeerpid } from './run-peerpid.js';

export type Row = ScannedSocketDocument;

/** The inode number of a socket that a process has open; also needed of one that will be closed before the scan. */
export function socketInode({ pid }: { readonly pid: number }, fd: number): number {
  return statSync(`/proc/${pid}/fd/${fd}`).ino;
}

/** What `peerpid scan --json` said. Other programs' sockets are among it: tests look for their own. */
export class Scanned {
  readonly #rows: ReadonlyMap<number, Row>;

  constructor(readonly document: ScanDocument) {
    this.#rows = new Map(document.sockets.map((row) => [row.inode, row]));
  }

  /** The row of a socket, which must be there. */
  row(inode: number | undefined): Row {
    const row = this.#rows.get(inode ?? 0);
    assert.ok(row, `no row of inode ${inode ?? ''}`);
    return row;
  }

  /** The row of what a process has open there, whose pid is one that the test sees. */
  of(process: { readonly pid: number }, fd: number): Row {
    return this.row(socketInode(process, fd));
  }

  /** All that are bound to an address. */
  at(address: string): Row[] {
    return this.document.sockets.filter((row) => row.address === address);
  }

  /** The one that is bound to an address and is in this state. */
  one(address: string, state: Row['state']): Row {
    const [row, ...others] = this.at(address).filter((one) => one.state === state);
    assert.ok(row && others.length === 0, `${others.length + (row ? 1 : 0)} sockets are ${state} at ${address}`);
    return row;
  }

  /** The other end of a connection: the two rows point at each other. */
  otherEnd(row: Row): Row {
    const other = this.row(row.peerInode);
    assert.equal(other.peerInode, row.inode);
    return other;
  }
}

/** Runs `peerpid scan --json`, and checks that its exit status goes with what it prints. */
export async function scan(args: readonly string[] = [], options?: RunOptions): Promise<Scanned> {
  const { status, stdout, stderr } = await runPeerpid(['scan', '--json', ...args], options);
  assert.ok(status === 0 || status === 3, `exit status ${status ?? 'none'}: ${stdout}${stderr}`);
  const document = JSON.parse(stdout) as ScanDocument;
  assert.equal(stderr, '');
  assert.equal(status, document.sockets.some(isDeceived) ? 3 : 0);
  return new Scanned(document);
}

/** The rule of peerpid-scan(1), "Whom it deceives". */
function isDeceived(row: Row): boolean {
  const verdict = counting(row);
  if (verdict === undefined || verdict === 'pinned') return false;
  // None to believe is no danger, one that was refused may be
  if (verdict === 'none') return findingIds(row).includes('credential-refused');
  if (verdict === 'contradicted' || row.recordedBy?.startsWith('connect(2)') === true) return true;
  return row.state !== 'listening' && (row.asks ?? []).some((one) => one === 'cred' || one === 'pidfd');
}

/** The verdict that counts: what the holder of the socket may believe. */
export function counting({ seenBy, verdict }: Row): Verdict | undefined {
  return seenBy?.verdict ?? verdict;
}

export function findingIds({ findings }: Row): FindingId[] {
  return findings.map(({ id }) => id);
}

/** The words of a finding, which must be there. */
export function findingText(row: Row, id: FindingId): string {
  const found = row.findings.find((finding) => finding.id === id);
  assert.ok(found, `no finding ${id} among ${findingIds(row).join(', ')}`);
  return found.text;
}

/** Who has a socket open, and where. */
export function heldAt({
  holders,
}: {
  readonly holders: readonly HolderDocument[];
}): Record<number, readonly number[]> {
  return Object.fromEntries(holders.map(({ pid, fds }) => [pid, fds]));
}
