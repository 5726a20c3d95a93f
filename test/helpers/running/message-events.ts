import assert from 'node:assert/strict';

import type { MessageEvent } from '../../../src/document/listen-event.js';
import type { FindingId } from '../../../src/verdict/finding.js';

/** The ids of a message's findings. */
export function idsOf({ findings }: Pick<MessageEvent, 'findings'>): FindingId[] {
  return findings.map(({ id }) => id);
}

/** The words of a finding, which must be there. */
export function textOfFinding(message: Pick<MessageEvent, 'findings'>, id: FindingId): string {
  const found = message.findings.find((finding) => finding.id === id);
  assert.ok(found, `no finding ${id} among ${idsOf(message).join(', ')}`);
  return found.text;
}
