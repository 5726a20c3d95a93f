import assert from 'node:assert/strict';

import type { ScanDocument, ScannedSocketDocument } from '../../../src/document/scan-document.js';
import { type RunOptions, runPeerpid } from './run-peerpid.js';

/** What `peerpid scan --json` says, after a check that it succeeded, whatever it found. */
export async function scanJson(args: readonly string[] = [], options?: RunOptions): Promise<ScanDocument> {
  const { status, stdout, stderr } = await runPeerpid(['scan', '--json', ...args], options);
  assert.equal(stderr, '');
  assert.ok(status === 0 || status === 3, `exit status ${status ?? 'none'}: ${stdout.slice(0, 500)}`);
  return JSON.parse(stdout) as ScanDocument;
}

/** The rows that have an address. */
export function rowsAt({ sockets }: ScanDocument, address: string): ScannedSocketDocument[] {
  return sockets.filter((row) => row.address === address);
}
