/**
 * Scans everything once, and then again for each way of naming something in it; its argument is the options as JSON. Prints
 * how often it did, and where what is told differs from choosing afterwards.
 */
import { isDeepStrictEqual } from 'node:util';

import { containsWord, criteria, type Criterion } from '../../../src/connections/criteria.js';
import { selectFrom, type Selection } from '../../../src/connections/selection.js';
import { SystemNames } from '../../../src/document/names.js';
import type { ScanDocument } from '../../../src/document/scan-document.js';
import { scan, scanNarrowed, type ScanOptions } from '../../../src/scanning/scan.js';
import { findNamed } from '../../../src/socket/named-socket.js';

/** What names something, as it would be typed. */
interface Way {
  readonly typed: string;
  readonly wants: Criterion;
  readonly byHolder: boolean;
}

const plain: ScanOptions = { audit: true, details: true, explain: false, ownNamespace: true, processes: 'holders' };
const given = JSON.parse(process.argv[2] ?? '{}') as Partial<ScanOptions>;
const options = { ...plain, ...given };

const names = new SystemNames();
const userName = (uid: number): string | undefined => names.user(uid);

function waysOf({ sockets }: ScanDocument): Way[] {
  const holders = sockets.flatMap((row) => row.holders);
  const addresses = distinct(sockets.flatMap(({ address, peerAddress }) => [address, peerAddress]));
  const words = [...distinct(holders.map(({ comm }) => comm)), ...addresses, 'NOBODY', '/bin/python', 'no such thing'];
  return [
    ...[...addresses, ...sockets.map(({ inode }) => `inode:${inode}`)].flatMap(orNot).map((typed) => ({
      typed: `--socket ${typed}`,
      wants: criteria.socket(typed, (word) => [findNamed(word)]),
      byHolder: false,
    })),
    ...[...distinct(holders.map(({ pid }) => String(pid))), '4000000'].flatMap(orNot).map((typed) => ({
      typed: `--pid ${typed}`,
      wants: criteria.pid(typed),
      byHolder: true,
    })),
    ...['root', 'nobody', '12345'].flatMap(orNot).map((typed) => ({
      typed: `--user ${typed}`,
      wants: criteria.user(typed),
      byHolder: true,
    })),
    ...words.map((typed) => ({ typed, wants: containsWord(typed), byHolder: true })),
  ];
}

function distinct<T>(values: readonly (T | undefined)[]): T[] {
  return [...new Set(values)].filter((value) => value !== undefined);
}

function orNot(typed: string): string[] {
  return [typed, `!${typed}`];
}

function narrowed({ wants, byHolder }: Way): Selection {
  const { document, asked } = scanNarrowed({ wants, byHolder, userName }, options, names);
  return selectFrom(document, { named: [wants], others: [] }, userName, asked);
}

/** Processes in an order that no other row has a part in. */
function told({ document, connections, nothingNamed }: Selection): unknown {
  const processes = document.processes.toSorted((a, b) => (a.pidfdId ?? 0) - (b.pidfdId ?? 0));
  return { document: { ...document, processes }, connections, nothingNamed };
}

// By the first looks are children started that stay
for (const way of waysOf(scan({ ...options, audit: true }, names))) narrowed(way);
const whole = scan(options, names);
const ways = waysOf(whole);
let chosen = 0;
const different: unknown[] = [];
for (const way of ways) {
  const one = narrowed(way);
  const other = selectFrom(whole, { named: [way.wants], others: [] }, userName);
  chosen += one.connections.length;
  if (isDeepStrictEqual(told(one), told(other))) continue;
  different.push({ name: way.typed, narrowed: one.document, whole: other.document });
}
process.stdout.write(JSON.stringify({ ways: ways.length, chosen, sockets: whole.sockets.length, different }));
