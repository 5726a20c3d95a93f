import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';

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

  it('refuses a TCP socket, and leaves nothing open', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const client = connect(port, '127.0.0.1');
      await once(client, 'connect');
      const before = readdirSync('/proc/self/fd');
      assert.throws(() => peerOf(client), new TypeError('the socket is not an AF_UNIX one'));
      assert.deepEqual(readdirSync('/proc/self/fd'), before);
      client.destroy();
    } finally {
      server.close();
    }
  });

  // Each of them would be another descriptor's number by the time that the kernel has it
  for (const number of [Number.NaN, 0.5, 2 ** 32, -1, -0.5, Infinity]) {
    it(`refuses ${number}, which is no descriptor`, () => {
      assert.throws(() => peerOf(number), new TypeError('the socket has no file descriptor'));
    });
  }
});
