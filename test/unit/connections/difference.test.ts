import assert from 'node:assert/strict';

import { connectionsOf } from '../../../src/connections/connections.js';
import { difference } from '../../../src/connections/difference.js';
import { markConnections } from '../../../src/connections/marked-connections.js';
import type {
  ProcessBrief,
  ScannedProcessDocument,
  ScannedSocketDocument,
} from '../../../src/document/scan-document.js';
import type { ChangedField } from '../../../src/document/watch-event.js';
import { processDocument } from '../../helpers/document.js';

type Row = ScannedSocketDocument;

const brief: ProcessBrief = { pid: 42, pidfdId: 7, state: 'running', exitStatus: null, comm: 'peer' };
const peer: ScannedProcessDocument = { ...processDocument(), ...brief, exe: '/usr/bin/peer', unavailable: [] };

function row(changes: Partial<Row> = {}): Row {
  return {
    inode: 9,
    peerInode: 10,
    type: 'stream',
    state: 'connected',
    holders: [{ pid: 1, pidfdId: 2, comm: 'app', fds: [3] }],
    credential: { pid: 42, uid: 0, gid: 0 },
    byPid: brief,
    byPidfd: brief,
    verdict: 'pinned',
    findings: [],
    unavailable: [],
    ...changes,
  };
}

/** The fields that changed between two scans of one socket. */
function fields(before: Row, now: Row, processBefore = peer, processNow = peer): ChangedField[] {
  const { came, went, changed } = difference(
    { sockets: [before], processes: [processBefore] },
    { sockets: [now], processes: [processNow] },
  );
  assert.deepEqual([came, went], [[], []]);
  return changed.flatMap(({ changes }) => changes.map(({ field }) => field));
}

describe('difference', () => {
  it('tells what came and what went, with the processes that belong to it', () => {
    const [one, other] = [row(), row({ inode: 20, byPid: null, byPidfd: null })];
    const { came, went, changed } = difference(
      { sockets: [one], processes: [peer] },
      { sockets: [other], processes: [] },
    );
    assert.deepEqual(went, [{ socket: one, processes: [peer] }]);
    assert.deepEqual(came, [{ socket: other, processes: [] }]);
    assert.deepEqual(changed, []);
  });

  it('takes a socket of another type under the same number for another one', () => {
    const { came, went } = difference(
      { sockets: [row()], processes: [] },
      { sockets: [row({ type: 'dgram' })], processes: [] },
    );
    assert.deepEqual([came.length, went.length], [1, 1]);
  });

  const cases: readonly [string, Partial<Row>, readonly ChangedField[]][] = [
    ['nothing', {}, []],
    ['queues', { queue: { receive: 1, send: 0 } }, []],
    ['who waits', { backlog: { waiting: 1, most: 5 }, pending: [] }, []],
    ['another number of a descriptor', { holders: [{ pid: 1, pidfdId: 2, comm: 'app', fds: [5] }] }, []],
    ['a verdict', { verdict: 'exited' }, ['verdict']],
    ['the verdict of the holder alone', { seenBy: { holder: 1, verdict: 'foreign' } }, ['verdict', 'seenBy']],
    ['its state', { state: 'unconnected' }, ['state']],
    ['its other end', { peerInode: 11 }, ['peerInode']],
    ['a holder’s name', { holders: [{ pid: 1, pidfdId: 2, comm: 'other', fds: [3] }] }, ['holders']],
    ['a holder of the same number', { holders: [{ pid: 1, pidfdId: 3, comm: 'app', fds: [3] }] }, ['holders']],
    ['no holder', { holders: [] }, ['holders']],
    ['the credential', { credential: { pid: 42, uid: 1, gid: 0 } }, ['credential']],
    ['who is pinned', { byPidfd: { ...brief, pidfdId: 8 } }, ['byPidfd']],
    ['who has the number', { byPid: { ...brief, pidfdId: 8 } }, ['byPid']],
    ['nobody has the number', { byPid: null }, ['byPid']],
    ['a finding', { findings: [{ id: 'traced', severity: 'warning', text: '' }] }, ['findings']],
    ['what it asks for', { asks: ['cred'] }, ['asks']],
  ];
  for (const [what, changes, expected] of cases) {
    it(`finds changed: ${what}`, () => {
      assert.deepEqual(fields(row(), row(changes)), expected);
    });
  }

  it('finds exec(2) and other ids of the peer, and of what could not be read nothing', () => {
    const uids = { real: 1, effective: 2, saved: 1, fs: 1 };
    assert.deepEqual(fields(row(), row(), peer, { ...peer, exe: '/bin/sh' }), ['byPidfd.exe']);
    assert.deepEqual(fields(row(), row(), { ...peer, uids }, { ...peer, uids: { ...uids } }), []);
    assert.deepEqual(fields(row(), row(), { ...peer, uids }, { ...peer, uids: { ...uids, effective: 3 } }), [
      'byPidfd.uids',
    ]);
    const { exe: _exe, ...unknown } = peer;
    assert.deepEqual(fields(row(), row(), peer, unknown), []);
  });
});

describe('markConnections', () => {
  const service = (inode: number, changes: Partial<Row> = {}): Row =>
    row({ inode, peerInode: inode + 1, address: `@${inode}`, ...changes });
  const client = (inode: number): Row => row({ inode, peerInode: inode - 1 });

  function marks(before: readonly Row[], now: readonly Row[]): string[] {
    const lines = markConnections(
      connectionsOf(before),
      connectionsOf(now),
      difference({ sockets: before, processes: [] }, { sockets: now, processes: [] }),
    );
    return lines.map(({ mark, connection }) => `${mark ?? ' '}${connection.service?.inode ?? ''}`);
  }

  const [a, b, c] = [11, 21, 31].map((inode) => [service(inode), client(inode + 1)]) as [Row[], Row[], Row[]];

  it('marks a connection once, and leaves one that went where it was', () => {
    assert.deepEqual(marks([...a, ...b, ...c], [...a, ...c]), [' 11', '-21', ' 31']);
    assert.deepEqual(marks([...a, ...b, ...c], [...c]), ['-11', '-21', ' 31']);
    assert.deepEqual(marks([...a], [...a, ...b]), [' 11', '+21']);
    assert.deepEqual(marks([...a, ...b], []), ['-11', '-21']);
  });

  it('marks as changed what lost one end, or changed at one', () => {
    assert.deepEqual(marks([...a], [service(11, { shutdown: ['send'] }), client(12)]), ['~11']);
    const [first] = a;
    assert.ok(first);
    assert.deepEqual(marks([...a], [{ ...first, state: 'connected', shutdown: ['receive', 'send'] }]), ['~11']);
  });
});
