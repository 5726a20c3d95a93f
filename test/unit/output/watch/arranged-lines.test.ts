import assert from 'node:assert/strict';

import { selectFrom } from '../../../../src/connections/selection.js';
import type { ScannedSocketDocument } from '../../../../src/document/scan-document.js';
import { type Arrangement, arrangedLines } from '../../../../src/output/watch/arranged-lines.js';
import { processDocument } from '../../../helpers/document.js';
import { HostileDocuments } from '../../../helpers/hostile-documents.js';
import { HostileNames } from '../../../helpers/hostile-names.js';

type Row = ScannedSocketDocument;

const empty = new HostileDocuments(new HostileNames(1)).scan(0);

function listener(inode: number, more: Partial<Row>): Row {
  return { inode, type: 'stream', state: 'listening', holders: [], findings: [], unavailable: [], ...more };
}

const holders = [{ pid: 42, pidfdId: 7, comm: 'redis-server', fds: [3] }];
const rows: readonly Row[] = [
  listener(1, { type: 'dgram', state: 'unconnected' }),
  listener(2, { address: '/run/b', holders }),
  listener(3, { address: '/run/a', type: 'seqpacket' }),
  listener(4, { verdict: 'contradicted', deceives: true }),
];
const processes = [{ ...processDocument({ comm: 'redis-server', unit: 'cache.service' }), unavailable: [] }];
const selection = selectFrom({ ...empty, sockets: rows, processes }, { named: [], others: [] }, () => 'redis');
const inOrder = [1, 2, 3, 4].map((inode) => selection.connections.find(({ service }) => service?.inode === inode));
const lines = inOrder.flatMap((connection) => (connection ? [{ connection, mark: undefined, changes: [] }] : []));

/** The inode numbers of what is shown. */
function shown(more: Partial<Arrangement> = {}): number[] {
  const none = { filter: '', sortedBy: undefined, backwards: false, isSorted: false };
  return arrangedLines(lines, selection, { ...none, ...more }).map(({ connection }) => connection.service?.inode ?? 0);
}

describe('the lines of a watched scan', () => {
  it('begin with what deceives somebody, then those with a name', () => {
    assert.deepEqual(shown(), [4, 2, 3, 1]);
    assert.deepEqual(shown({ backwards: true }), [1, 3, 2, 4]);
  });

  it('are as they come where an order was asked for', () => {
    assert.deepEqual(shown({ isSorted: true }), [1, 2, 3, 4]);
  });

  it('are sorted by a column, those without an address last', () => {
    assert.deepEqual(shown({ sortedBy: 'address' }), [3, 2, 1, 4]);
    assert.deepEqual(shown({ sortedBy: 'address', backwards: true }), [2, 3, 1, 4]);
    assert.deepEqual(shown({ sortedBy: 'type' })[0], 1);
  });

  it('are those that have what is typed in an address, a program, a user or a unit, in any case', () => {
    assert.deepEqual(shown({ filter: '/run/A' }), [3]);
    for (const filter of ['REDIS-s', 'cache.', 'redis']) assert.deepEqual(shown({ filter }), [2], filter);
    assert.deepEqual(shown({ filter: 'nowhere' }), []);
  });
});
