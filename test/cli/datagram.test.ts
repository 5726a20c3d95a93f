import assert from 'node:assert/strict';

import type { InspectDocument } from '../../src/document/inspect-document.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { Peer } from '../helpers/peers/peer.js';
import { runPeerpid } from '../helpers/running/run-peerpid.js';

describe('peerpid inspect of a datagram socket', () => {
  it('says that there is no credential, and finds the socket and who holds it', async () => {
    using directory = new TemporaryDirectory();
    const path = directory.file('socket');
    await using receiver = await Peer.start();
    const fd = await receiver.number('listen', path, 'dgram');
    const { status, stdout } = await runPeerpid(['inspect', '--json', path]);
    const { verdict, socket, holders } = JSON.parse(stdout) as InspectDocument;
    assert.equal(status, 3);
    assert.equal(verdict, 'none');
    assert.equal(typeof socket.inode, 'number');
    assert.deepEqual(
      holders?.map(({ pid, fds }) => ({ pid, fds })),
      [{ pid: receiver.pid, fds: [fd] }],
    );
  });
});

describe('peerpid listen of a datagram socket', () => {
  it('says how many messages came when they are fewer than --count', async () => {
    using directory = new TemporaryDirectory();
    const args = ['listen', '--type', 'dgram', '--count', '2', '--timeout', '0.1', directory.file('socket')];
    const { status, stderr } = await runPeerpid(args);
    assert.match(stderr, /^peerpid: stopped before 2 messages came\n/);
    assert.equal(status, 1);
  });
});

describe('peerpid send to a datagram socket', () => {
  it('has its steps in the JSON', async () => {
    using directory = new TemporaryDirectory();
    const path = directory.file('socket');
    await using receiver = await Peer.start();
    await receiver.do('listen', path, 'dgram');
    const { status, stdout } = await runPeerpid(['send', '--json', '--explain', path, 'hello']);
    const { evidence, ...sent } = JSON.parse(stdout) as { evidence: Record<'call' | 'answer', string>[] };
    assert.deepEqual(sent, { bytes: 5, type: 'dgram', stated: null });
    const last = evidence.at(-1);
    assert.match(last?.call ?? '', /^sendmsg\(\d+, 5 bytes\)$/);
    assert.equal(last?.answer, '5');
    assert.equal(status, 0);
  });
});
