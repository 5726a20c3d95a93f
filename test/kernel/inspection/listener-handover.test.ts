import assert from 'node:assert/strict';

import { duplicateFrom, openPidfd } from '../../../native-probe/pidfd.js';
import { listen } from '../../../native-probe/unix-socket.js';
import { readInFull } from '../../../src/identity/proc-facts.js';
import { inspectPeer } from '../../../src/inspection/inspect.js';
import { Witness } from '../../../src/words/evidence.js';
import { requireKernel } from '../../helpers/machine/kernel-gives.js';
import { isRoot, requireThat } from '../../helpers/machine/requirements.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';

describe('a listener that another process takes over by listen(2)', () => {
  it('between the credential and the pidfd: both are asked anew, and nothing is contradicted', async function () {
    requireThat(this, isRoot, 'pidfd_getfd(2) of another process');
    await requireKernel(this, 'a pidfd of a peer');
    await using server = await Peer.start();
    const number = await server.number('listen', freshName());
    using process_ = openPidfd(server.pid);
    using socket = duplicateFrom(process_, number);
    const credentials: string[] = [];
    const witness = Witness.recording(({ call, answer }) => {
      if (!call.includes('SO_PEERCRED')) return;
      credentials.push(answer);
      if (credentials.length === 1) listen(socket, 16);
    });
    using inspection = inspectPeer(socket, readInFull, witness);
    const { credential, same, pinned } = inspection.facts;
    assert.ok('value' in credential && 'value' in pinned);
    assert.equal(credential.value?.pid, process.pid);
    assert.equal(pinned.value.pid, process.pid);
    assert.equal(same, true);
    // Of the server, of us when it was asked whether that had changed, and of us from the beginning
    assert.deepEqual(
      credentials.map((answer) => Number(/^pid (\d+)/.exec(answer)?.[1])),
      [server.pid, process.pid, process.pid],
    );
  });
});
