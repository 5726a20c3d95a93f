import assert from 'node:assert/strict';

import type { RecordedProcess } from '../../../native-probe/bpf/trace-record.js';
import { openPidfd, pidfdId } from '../../../native-probe/pidfd.js';
import { clientNow } from '../../../src/tracing/client-now.js';
import { Peer } from '../../helpers/peers/peer.js';

function recorded(pid: number, id: bigint | undefined): RecordedProcess {
  return { pid, pidfdId: id, started: undefined, uid: 0, gid: 0, realUid: 0, comm: Buffer.from('peer') };
}

function idOf(pid: number): bigint | undefined {
  using pidfd = openPidfd(pid);
  return pidfdId(pidfd);
}

describe('whom a traced client’s PID names now', () => {
  it('is the client while it lives, nobody when it is gone, and whoever has the number then', async () => {
    await using peer = await Peer.start();
    const client = recorded(peer.pid, idOf(peer.pid));
    const withIds = client.pidfdId !== undefined;
    assert.deepEqual(
      [clientNow(client, 'connect(2)').verdict, clientNow(client, 'connect(2)').state],
      withIds ? ['pinned', 'running'] : ['unpinned', undefined],
    );
    await peer.exit(0);
    assert.equal(clientNow(client, 'connect(2)').verdict, 'exited');
    // The number is another process's, of which the kernel recorded another pidfd id
    const another = clientNow(recorded(process.pid, client.pidfdId), 'connect(2)').verdict;
    assert.equal(another, withIds ? 'recycled' : 'unpinned');
    assert.equal(clientNow(recorded(0, client.pidfdId), 'connect(2)').verdict, 'foreign');
    assert.equal(clientNow(recorded(process.pid, undefined), 'connect(2)').verdict, 'unpinned');
  });
});
