import assert from 'node:assert/strict';

import type { BusConnectionDocument, BusDocument } from '../../../src/document/bus-document.js';
import { type RunOptions, runPeerpid } from './run-peerpid.js';

/** What `peerpid bus --json` says, and with which status it ended. */
export async function bus(
  address: string,
  args: readonly string[] = [],
  options?: RunOptions,
): Promise<{ readonly document: BusDocument; readonly status: number | null }> {
  const { status, stdout, stderr } = await runPeerpid(['bus', '--json', '--address', address, ...args], options);
  assert.ok(status === 0 || status === 3, `exit status ${status ?? 'none'}: ${stdout}${stderr}`);
  assert.equal(stderr, '');
  return { document: JSON.parse(stdout) as BusDocument, status };
}

/** The connection of a name, which must be there. */
export function connectionOf({ connections }: BusDocument, name: string): BusConnectionDocument {
  const found = connections.find(({ uniqueName, names }) => uniqueName === name || names.includes(name));
  assert.ok(found, `${name} is not among ${connections.map(({ uniqueName }) => uniqueName).join(' ')}`);
  return found;
}
