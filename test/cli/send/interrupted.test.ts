import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { whyNoStrace } from '../../helpers/machine/strace.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

describe('send to a socket that has no room at first', () => {
  before(function () {
    requirePrograms(this, 'strace');
    const why = whyNoStrace();
    requireThat(this, why === undefined, why ?? '');
  });

  it('goes on to wait for room after EINTR of poll(2)', async () => {
    using trace = new TemporaryDirectory();
    await using receiver = await Peer.start();
    await receiver.do('bindOnly', trace.file('socket'), 'dgram');
    // Another thread waits, and each has calls of its own
    const options = ['-f', '-qq', '-o', trace.file('trace'), '-e', 'trace=sendmsg,poll'];
    const faults = ['-e', 'inject=sendmsg:error=EAGAIN:when=1', '-e', 'inject=poll:error=EINTR:when=1'];
    const wrapper = ['strace', ...options, ...faults];
    const { status, stderr } = await runPeerpid(['send', '--type', 'dgram', trace.file('socket'), 'x'], { wrapper });
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(readFileSync(trace.file('trace'), 'latin1'), /poll\(.*POLLOUT.*EINTR.*INJECTED/);
  });
});
