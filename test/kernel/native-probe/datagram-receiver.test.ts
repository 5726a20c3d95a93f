import assert from 'node:assert/strict';

import type { DiagSocket } from '../../../native-probe/diag-socket.js';
import { listSockets } from '../../../native-probe/sock-diag.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';

describe('a datagram receiver', () => {
  it('is not connected although others are to it', async () => {
    using directory = new TemporaryDirectory();
    await using peer = await Peer.start();
    const path = directory.file('log');
    const receiver = await peer.number('listen', path, 'dgram');
    const sender = directory.file('sender');
    await peer.do('bindAndConnect', sender, path, 'dgram');
    const { inode, state, peerInode } = boundTo(path);
    assert.deepEqual([state, peerInode], ['unconnected', undefined]);
    const connected = boundTo(sender);
    assert.deepEqual([connected.state, connected.peerInode], ['connected', inode]);
    // One that was connected to a receiver that is gone still is, to nobody
    await peer.do('close', receiver);
    const left = boundTo(sender);
    assert.deepEqual([left.state, left.peerInode], ['connected', undefined]);
  });
});

function boundTo(path: string): DiagSocket {
  const found = listSockets('all').find(({ address }) => address.kind === 'path' && address.path.toString() === path);
  assert.ok(found);
  return found;
}
