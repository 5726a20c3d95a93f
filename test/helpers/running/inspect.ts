import assert from 'node:assert/strict';

import type { InspectDocument } from '../../../src/document/inspect-document.js';
import type { FindingId } from '../../../src/verdict/finding.js';
import { type RunOptions, runPeerpid } from './run-peerpid.js';

/** What `peerpid inspect --json` says of a socket, or with these arguments, after a check that its exit status goes with its verdict. */
export async function inspect(socket: string | readonly string[], options?: RunOptions): Promise<InspectDocument> {
  const { status, stdout, stderr } = await runPeerpid(['inspect', '--json', ...[socket].flat()], options);
  assert.ok(status === 0 || status === 3, `exit status ${status ?? 'none'}: ${stdout}${stderr}`);
  const document = JSON.parse(stdout) as InspectDocument;
  assert.equal(status, document.verdict === 'pinned' ? 0 : 3);
  return document;
}

/** The ids of the findings. */
export function findingIds({ findings }: InspectDocument): FindingId[] {
  return findings.map(({ id }) => id);
}

/** The words of a finding, which must be there. */
export function findingText({ findings }: InspectDocument, id: FindingId): string {
  const found = findings.find((finding) => finding.id === id);
  assert.ok(found, `no finding ${id} among ${findings.map((finding) => finding.id).join(', ')}`);
  return found.text;
}

/** Why a fact is missing. */
export function whyUnavailable({ unavailable }: InspectDocument, fact: string): string | undefined {
  return unavailable.find((row) => row.fact === fact)?.reason;
}
