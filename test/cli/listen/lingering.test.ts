import assert from 'node:assert/strict';

import { compiled } from '../../helpers/hostile/hostile.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Service } from '../../helpers/peers/service.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { Listening } from '../../helpers/running/listening.js';
import { outcomeOf, startPeerpid } from '../../helpers/running/run-peerpid.js';

/** More than of one sender may wait to be closed, and than there are children to close them. */
const many = 600;

describe('a descriptor whose last close(2) takes an hour', () => {
  let directory: TemporaryDirectory;
  let path: string;

  prepareEach((keep) => {
    directory = keep(new TemporaryDirectory());
    path = directory.file('socket');
  });

  for (const [how, type, count] of [
    ['stream', 'stream', many],
    ['dgram', 'dgram', many],
    // The kernel puts it away when what comes after it is received
    ['oob', 'stream', 1],
  ] as const) {
    it(`does not stop listen, nor its end: ${how}, ${count}`, async function () {
      const program = compiled(this, directory, 'linger');
      await using listening = await Listening.start(['--type', type, path]);
      await using _hostile = await Service.start([program, path, how, String(count)]);
      for (let number = 0; number < count; number++) await listening.next('message');
      await using client = await Peer.start();
      await client.do('send', await client.number('connect', path, type), 'other');
      let preview: string;
      do preview = (await listening.next('message')).preview;
      while (preview !== 'other');
      listening.child.kill('SIGTERM');
      await listening.next('summary');
      await listening.exitStatus;
    });
  }

  it('does not keep listen from its end in a queue that is not received', async function () {
    const program = compiled(this, directory, 'linger');
    await using listening = await Listening.start(['--type', 'dgram', '--once', path]);
    listening.child.kill('SIGSTOP');
    await using hostile = await Service.start([program, path, 'dgram', '5']);
    await hostile.logged('sent all');
    listening.child.kill('SIGCONT');
    assert.equal((await listening.next('summary')).messages, 1);
    assert.equal(await listening.exitStatus, 0);
  });

  it('does not keep listen from its end in a client that is not accepted', async function () {
    const program = compiled(this, directory, 'linger');
    await using listening = await Listening.start(['--once', path]);
    await using client = await Peer.start();
    const fd = await client.number('connect', path, 'stream');
    await listening.next('connection');
    await using hostile = await Service.start([program, path, 'stream', '5']);
    await hostile.logged('sent all');
    await client.do('close', fd);
    assert.equal((await listening.next('summary')).connections, 1);
    assert.equal(await listening.exitStatus, 0);
  });

  for (const args of [['inspect', '--connect'], ['send']]) {
    it(`does not keep from its end who connects, and is sent one: ${args.join(' ')}`, async function () {
      const program = compiled(this, directory, 'linger');
      await using hostile = await Service.start([program, path, 'serve', '20'], { listensAt: path });
      const text = args[0] === 'send' ? ['text'] : [];
      // The server may be too late for one
      for (let round = 0; round < 20 && !hostile.log.includes('sent'); round++) {
        const { status, stderr } = await outcomeOf(startPeerpid([...args, path, ...text]));
        assert.equal(status, 0, stderr);
      }
      assert.match(hostile.log, /sent/);
    });
  }
});
