import assert from 'node:assert/strict';

import { openSocketPair } from '../../native-probe/unix-socket.js';
import { peerOf } from '../../src/index.js';

describe('peerOf()', () => {
  it('gives a Peer that is not known to be alive once it was let go of', () => {
    const [one, other] = openSocketPair('stream');
    using ours = one;
    using _theirs = other;
    const peer = peerOf(ours.number);
    assert.equal(peer.isAlive(), true);
    peer[Symbol.dispose]();
    assert.equal(peer.isAlive(), false);
    peer[Symbol.dispose]();
    assert.equal(peer.verdict, 'pinned');
  });

  // Each of them would be another descriptor's number by the time that the kernel has it
  for (const number of [Number.NaN, 0.5, 2 ** 32, -1, -0.5, Infinity]) {
    it(`refuses ${number}, which is no descriptor`, () => {
      assert.throws(() => peerOf(number), new TypeError('the socket has no file descriptor'));
    });
  }
});
