import assert from 'node:assert/strict';

import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { findingIds, findingText, heldAt, scan } from '../../helpers/running/scan.js';

describe('clients that wait to be accepted in scan', () => {
  let server: Peer;
  let client: Peer;
  let name: string;

  prepareEach(async (keep) => {
    server = keep(await Peer.start());
    client = keep(await Peer.start());
    name = freshName();
  });

  for (const type of ['stream', 'seqpacket'] as const) {
    it(`are named with their holders at the ${type} listener, and have its credential already`, async () => {
      const listener = await server.number('listen', name, type);
      const first = await client.number('connect', name, type);
      const second = await client.number('connect', name, type);
      const heir = await client.number('spawn', ['sleep', '60'], second);
      const scanned = await scan();
      const row = scanned.of(server, listener);
      assert.deepEqual(row.backlog, { waiting: 2, most: 16 });
      assert.deepEqual(
        new Map(row.pending?.map((one) => [one.inode, heldAt(one)])),
        new Map([
          [scanned.of(client, first).inode, { [client.pid]: [first] }],
          [scanned.of(client, second).inode, { [client.pid]: [second], [heir]: [3] }],
        ]),
      );
      assert.ok(!findingIds(row).includes('backlog-near-full'));
      const waiting = scanned.of(client, first);
      assert.deepEqual([waiting.state, waiting.peerInode], ['connected', undefined]);
      assert.deepEqual([waiting.verdict, waiting.credential?.pid], ['pinned', server.pid]);
      assert.equal(waiting.recordedBy, 'listen(2)');
    });
  }

  it('fill it: who they are is in the finding, and in both texts', async () => {
    const listener = await server.number('listen', name, 'stream', 2);
    await client.do('connect', name);
    await client.do('connect', name);
    await using another = await Peer.start();
    await another.do('connect', name);
    const row = (await scan()).of(server, listener);
    assert.deepEqual(row.backlog, { waiting: 3, most: 2 });
    startsWith(
      findingText(row, 'backlog-near-full'),
      'Its backlog is full: 3 clients wait to be accepted; the next client has to wait, or gets EAGAIN. ' +
        `They come from ${client.pid} (node) × 2 and ${another.pid} (node).`,
    );

    const { stdout } = await runPeerpid(['scan', '--each']);
    const lines = stdout.split('\n').filter((line) => line.includes(` ${name} `));
    const of = (pid: number): number => lines.filter((line) => line.includes(` node ${pid} (waits) `)).length;
    assert.deepEqual([lines.length, of(client.pid), of(another.pid)], [4, 2, 1]);
    const listens = lines.find((line) => line.includes('(listens)'));
    assert.match(listens ?? '', /3 clients waiting \(backlog 2\), backlog-near-full/);
    const { stdout: long } = await runPeerpid(['scan', '--long']);
    const block = long
      .split('\n\n')
      .find((one) => one.includes(name) && one.includes('  listener  ') && one.includes('of 2 wait'));
    assert.match(
      block ?? long,
      new RegExp(`3 clients waiting \\(backlog 2\\), waiting: node ${client.pid} \\(fd \\d+\\), `),
    );
  });

  it('stay when they have closed, and are of nobody then', async () => {
    const listener = await server.number('listen', name, 'stream', 1);
    const connected = await client.number('connect', name);
    const another = await client.number('connect', name);
    await client.do('close', connected);
    const scanned = await scan();
    const row = scanned.of(server, listener);
    assert.deepEqual(row.backlog, { waiting: 1, gone: 1, most: 1 });
    assert.deepEqual(
      row.pending?.map(({ inode }) => inode),
      [scanned.of(client, another).inode],
    );
    startsWith(
      findingText(row, 'backlog-near-full'),
      'Its backlog is full: 1 client waits to be accepted, and 1 place is kept by clients that have closed their end; ' +
        `the next client has to wait, or gets EAGAIN. They come from ${client.pid} (node).`,
    );
    const { stdout } = await runPeerpid(['scan', '--socket', name, '--columns', '+backlog', '--listening']);
    assert.match(stdout, / 1 client waiting, 1 gone \(backlog 1\), backlog-near-full +1\+1\/1$/m);
  });
});

/** What follows may tell of other tests' processes, which wait as well: who-waits.test.ts has it. */
function startsWith(text: string, start: string): void {
  assert.equal(text.slice(0, start.length), start);
}
