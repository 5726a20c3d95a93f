import assert from 'node:assert/strict';

import { duplicate } from '../../../native-probe/fd.js';
import { openSocket, openSocketPair, socketInodeOf } from '../../../native-probe/unix-socket.js';
import { holdersOf } from '../../../src/socket/holders.js';
import { Witness } from '../../../src/words/evidence.js';
import { valueOf } from '../../../src/words/reading.js';
import { refused } from '../../helpers/facts.js';

describe('holdersOf', () => {
  it('does not count the duplicate that is looked at', () => {
    using socket = openSocket('stream');
    using looked = duplicate(socket.number);
    const holders = valueOf(holdersOf({ value: socketInodeOf(socket) }, looked, Witness.silent()));
    assert.deepEqual(
      holders?.found.map(({ pid, fds }) => ({ pid, fds })),
      [{ pid: process.pid, fds: [socket.number] }],
    );
  });

  it('finds nobody when there is only that duplicate', () => {
    using socket = openSocket('stream');
    assert.deepEqual(valueOf(holdersOf({ value: socketInodeOf(socket) }, socket, Witness.silent()))?.found, []);
  });

  it('counts ourselves at the other end', () => {
    const [one, other] = openSocketPair('stream');
    using ours = one;
    using theirs = other;
    const [holder] = valueOf(holdersOf({ value: socketInodeOf(theirs) }, ours, Witness.silent()))?.found ?? [];
    assert.equal(holder?.pid, process.pid);
    assert.deepEqual(holder.fds, [theirs.number]);
  });

  it('passes on why the inode is not known', () => {
    using socket = openSocket('stream');
    const unknown = refused<number>('EPERM', 'sock_diag');
    assert.deepEqual(holdersOf(unknown, socket, Witness.silent()), unknown);
  });
});
