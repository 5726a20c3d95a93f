import assert from 'node:assert/strict';
import { once } from 'node:events';

import { compiled, startWithFuse } from '../../helpers/hostile/hostile.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Listening } from '../../helpers/running/listening.js';

for (const type of ['stream', 'dgram'] as const) {
  it(`listen serves others, and ends, while a descriptor that was sent cannot be closed: ${type}`, async function () {
    using directory = new TemporaryDirectory();
    const program = compiled(this, directory, 'flush-hang');
    const path = directory.file('socket');
    await using listening = await Listening.start(['--type', type, '--mode', '777', path]);
    const ended = once(listening.child.stdout, 'end');
    // With the FUSE's end its files are closed
    await using hanging = await startWithFuse(this, directory, program, path, ...(type === 'dgram' ? [type] : []));
    assert.deepEqual((await listening.next('message')).passed.length, 1);
    await hanging.logged('FLUSH');
    await using client = await Peer.start();
    const fd = await client.number('connect', path, type);
    const file = await client.number('open', '/etc/passwd');
    await client.do('sendmsg', fd, 'other', { pass: [file] });
    assert.equal((await listening.next('message')).preview, 'other');
    listening.child.kill('SIGTERM');
    assert.equal(await listening.exitStatus, 0);
    // Nor does anybody wait for the end of its output
    await listening.next('summary');
    await ended;
  });
}
