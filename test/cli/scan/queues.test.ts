import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

import { requirePrograms } from '../../helpers/machine/requirements.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { heldAt, type Row, scan, socketInode } from '../../helpers/running/scan.js';

/** Recv-Q and Send-Q of ss(8), which takes them from the kernel too. */
function queueBySs(inode: number): number[] {
  const line = execFileSync('ss', ['-xaH'], { encoding: 'utf8', maxBuffer: 1 << 26 })
    .split('\n')
    .find((one) => one.split(/\s+/)[5] === String(inode));
  return (line ?? '').split(/\s+/).slice(2, 4).map(Number);
}

describe('queue lengths in scan', () => {
  let server: Peer;
  let client: Peer;

  prepareEach(async (keep) => {
    server = keep(await Peer.start());
    client = keep(await Peer.start());
  });

  /** A stream is read as one; of messages the kernel tells the first. net/unix/af_unix.c, unix_inq_len() */
  for (const [type, unread] of [
    ['stream', 1100],
    ['seqpacket', 1100],
    ['dgram', 100],
  ] as const) {
    it(`${type}: ${unread} bytes are not read of a message of 100 and one of 1000`, async function () {
      requirePrograms(this, 'ss');
      const [one = -1, other = -1] = (await client.do('socketpair', type)) as number[];
      await client.do('send', one, 'a'.repeat(100));
      await client.do('send', one, 'b'.repeat(1000));
      const scanned = await scan();
      const [from, to] = [scanned.of(client, one), scanned.of(client, other)];
      assert.equal(to.queue?.receive, unread);
      assert.equal(to.queue.send, 0);
      assert.equal(from.queue?.receive, 0);
      // What the kernel counts here is memory: each message has an overhead
      assert.ok(from.queue.send >= 1100, `${from.queue.send}`);
      for (const row of [from, to]) {
        assert.deepEqual([row.queue?.receive, row.queue?.send], queueBySs(row.inode), type);
      }
    });
  }

  it('are 0 again when it was read', async () => {
    const [one = -1, other = -1] = (await client.do('socketpair')) as number[];
    await client.do('send', one, 'a'.repeat(100));
    await client.do('takePassed', other);
    const scanned = await scan();
    for (const fd of [one, other]) assert.deepEqual(scanned.of(client, fd).queue, { receive: 0, send: 0 });
  });

  it('are those of the one receiver for each of its senders', async () => {
    const name = freshName();
    const receiver = await server.number('listen', name, 'dgram');
    const [first, second] = [
      await client.number('connect', name, 'dgram'),
      await client.number('connect', name, 'dgram'),
    ];
    await client.do('send', first, 'a'.repeat(10));
    await client.do('send', second, 'b'.repeat(20));
    const scanned = await scan();
    const queue = (row: Row): unknown[] => [row.queue?.receive, (row.queue?.send ?? 0) > 0];
    assert.deepEqual(queue(scanned.of(server, receiver)), [10, false]);
    for (const fd of [first, second]) assert.deepEqual(queue(scanned.of(client, fd)), [0, true]);
  });

  it('wait in a client that is not accepted yet, and for its listener are a backlog', async () => {
    const name = freshName();
    const listener = await server.number('listen', name);
    const connected = await client.number('connect', name);
    await client.do('send', connected, 'hello');
    const scanned = await scan();
    const row = scanned.of(client, connected);
    assert.deepEqual([row.queue?.receive, (row.queue?.send ?? 0) > 0, row.peerInode], [0, true, undefined]);
    assert.deepEqual(scanned.of(server, listener).backlog, { waiting: 1, most: 16 });
    assert.deepEqual(heldAt(row), { [client.pid]: [connected] });
    assert.equal(row.inode, socketInode(client, connected));
  });

  it('are in --long, in bytes', async () => {
    const [one = -1, other = -1] = (await client.do('socketpair')) as number[];
    await client.do('send', one, 'a'.repeat(1234));
    const { stdout } = await runPeerpid(['scan', '--long']);
    const line = stdout.split('\n').find((text) => text.includes(`inode ${socketInode(client, other)},`));
    assert.match(line ?? stdout, /1234 bytes not read yet/);
  });

  it('are in --long those of the first datagram, and of a sender the memory', async () => {
    const [one = -1, other = -1] = (await client.do('socketpair', 'dgram')) as number[];
    for (const length of [100, 1000]) await client.do('send', one, 'a'.repeat(length));
    const scanned = await scan();
    const { stdout } = await runPeerpid(['scan', '--long']);
    const lineOf = (fd: number): string | undefined =>
      stdout.split('\n').find((text) => text.includes(`inode ${socketInode(client, fd)},`));
    assert.match(lineOf(other) ?? stdout, /, a message of 100 bytes waits first,/);
    const { send } = scanned.of(client, one).queue ?? {};
    assert.match(
      lineOf(one) ?? stdout,
      new RegExp(`, what it sent takes ${send} bytes of memory and is not read yet,`),
    );
  });
});
