import assert from 'node:assert/strict';

import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { inspect } from '../../helpers/running/inspect.js';

async function assertNone(socket: string, type: string): Promise<void> {
  const document = await inspect(socket);
  assert.equal(document.verdict, 'none');
  assert.equal(document.basis, 'credential');
  assert.equal(document.credential, null);
  assert.equal(document.byPid, null);
  assert.equal(document.byPidfd, null);
  assert.equal(document.socket.type, type);
  assert.equal(document.socket.state, 'unconnected');
}

describe('verdict none', () => {
  it('is of a datagram socket, by path and by abstract name', async () => {
    using directory = new TemporaryDirectory();
    await using server = await Peer.start();
    for (const address of [directory.file('socket'), freshName()]) {
      await server.do('listen', address, 'dgram');
      await assertNone(address, 'dgram');
    }
  });

  for (const type of ['stream', 'seqpacket', 'dgram'] as const) {
    it(`is of a ${type} socket that is not connected`, async () => {
      await using peer = await Peer.start();
      await assertNone(`/proc/${peer.pid}/fd/${await peer.number('socket', type)}`, type);
    });
  }
});
