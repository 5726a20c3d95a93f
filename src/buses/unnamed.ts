import type { ScannedSocketDocument } from '../document/scan-document.js';
import type { BusLook } from './open-bus.js';

/** Connections of a process that the kernel has, and for which the bus has no name. */
export interface Unnamed {
  /** One of them. */
  readonly row: ScannedSocketDocument;
  readonly connections: number;
}

/**
 * What is connected and has no name on the bus: monitors, which lose theirs, and what has not said Hello. Of a process
 * that has names, too, only how many more connections it has is known. Nothing where only some were looked at.
 *
 * @param all - how many connections have names
 */
export function unnamedIn({ sockets, clients, gone }: BusLook, all: number): readonly Unnamed[] {
  if (clients.length + gone < all) return [];
  const left = new Map<string, { row: ScannedSocketDocument; connections: number }>();
  for (const row of sockets.accepted) {
    // peerpid's own
    if (row.credential?.pid === process.pid) continue;
    const known = left.get(keyOf(row));
    if (known === undefined) left.set(keyOf(row), { row, connections: 1 });
    else known.connections++;
  }
  for (const { records } of clients) {
    const [row] = records.rows;
    const known = row && left.get(keyOf(row));
    if (known !== undefined) known.connections--;
  }
  return [...left.values()].filter(({ connections }) => connections > 0);
}

function keyOf({ credential, byPidfd }: ScannedSocketDocument): string {
  return `${credential?.pid ?? ''} ${byPidfd?.pidfdId ?? ''}`;
}
