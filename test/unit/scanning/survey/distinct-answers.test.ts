import assert from 'node:assert/strict';

import { column, rowSize } from '../../../../native-probe/socket-answers.js';
import { DistinctAnswers } from '../../../../src/scanning/survey/answers.js';

type Row = Partial<Record<keyof typeof column, number>>;

const told: Row = { asked: 1, pid: 42, uid: 1000, gid: 100, idLow: 7, idHigh: 1, asks: 8, groups: 1, label: -92 };

function answersIn(...rows: Row[]): DistinctAnswers {
  const all = new Int32Array(rows.length * rowSize);
  rows.forEach((row, index) => {
    for (const [name, value] of Object.entries(row)) all[index * rowSize + column[name as keyof typeof column]] = value;
  });
  return new DistinctAnswers({ rows: all, longAnswers: [Uint8Array.of(5, 0, 0, 0), Uint8Array.of()] });
}

function areOne(one: Row, other: Row): boolean {
  const distinct = answersIn(one, other);
  return distinct.in(0) === distinct.in(rowSize);
}

describe('what sockets answered', () => {
  it('is one object for all that answered the same, whoever was asked', () => {
    assert.ok(areOne({ ...told, inode: 1, process: 2, fd: 3 }, { ...told, inode: 4, process: 5, fd: 6 }));
  });

  for (const name of [
    'credentialErrno',
    'pid',
    'uid',
    'gid',
    'pidfdErrno',
    'idLow',
    'idHigh',
    'asks',
    'groups',
    'label',
  ] as const) {
    it(`is another where ${name} differs`, () => {
      assert.ok(!areOne(told, { ...told, [name]: (told[name] ?? 0) + 1 }));
    });
  }

  it('is another for each socket where pidfds have no ids, since nothing tells that the peer is the same', () => {
    const without: Row = { ...told, idLow: 0, idHigh: 0 };
    assert.ok(!areOne({ ...without, inode: 1 }, { ...without, inode: 2 }));
    assert.ok(areOne({ ...without, inode: 1 }, { ...without, inode: 1 }));
    const refused: Row = { ...without, pidfdErrno: 22 };
    assert.ok(areOne({ ...refused, inode: 1 }, { ...refused, inode: 2 }));
  });

  it('has groups and a label where they were asked for', () => {
    const { details } = answersIn(told).in(0).value;
    assert.deepEqual(details, {
      groups: { value: [5] },
      securityLabel: { error: { syscall: 'getsockopt(SO_PEERSEC)', code: 'ENOPROTOOPT' } },
    });
    assert.equal(answersIn({ ...told, groups: 0, label: 0 }).in(0).value.details, undefined);
    assert.deepEqual(answersIn({ ...told, groups: 2 }).in(0).value.details?.groups, { value: [] });
  });
});
