import assert from 'node:assert/strict';

import type { InspectConnectionsDocument, ScannedSocketDocument } from '../../../src/document/scan-document.js';
import { assertProblem } from '../../helpers/assert-problem.js';
import { requireKernel, verdictOf } from '../../helpers/machine/kernel-gives.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

type Row = ScannedSocketDocument;

async function connectionsOf(...args: string[]): Promise<{ rows: readonly Row[]; status: number | null }> {
  const { stdout, stderr, status } = await runPeerpid(['inspect', '--json', '--connections', ...args]);
  assert.ok(status === 0 || status === 3, stdout + stderr);
  const { connections } = JSON.parse(stdout) as InspectConnectionsDocument;
  assert.ok(connections);
  return { rows: connections.sockets, status };
}

describe('peerpid inspect --connections', () => {
  let directory: TemporaryDirectory;
  let server: Peer;
  let client: Peer;

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    server = keep(await Peer.start());
    client = keep(await Peer.start());
  });

  it('tells who is connected to a listener of another network namespace, with what it accepted from here', async function () {
    requirePrograms(this, 'unshare');
    requireThat(this, isRoot, 'needs root, to make a network namespace');
    const path = directory.file('socket');
    await using elsewhere = await Peer.start({ wrapper: ['unshare', '--net'] });
    const listener = await elsewhere.number('listen', path);
    await client.do('connect', path);
    const accepted = await elsewhere.number('accept', listener);
    const { rows } = await connectionsOf(path);
    assert.deepEqual(
      rows.map(({ address, holders }) => [address, ...holders.map(({ pid }) => pid)]).sort(),
      [
        [path, elsewhere.pid],
        [path, elsewhere.pid],
        [undefined, client.pid],
      ].sort(),
    );
    assert.deepEqual(rows.find(({ address, state }) => address === path && state === 'connected')?.holders[0]?.fds, [
      accepted,
    ]);
  });

  for (const quietly of [[], ['--no-connect']]) {
    it(`tells who is connected to a listener, and not itself: ${quietly.join('') || 'after connecting'}`, async () => {
      const path = directory.file('socket');
      const listener = await server.number('listen', path);
      const fd = await client.number('connect', path);
      const accepted = await server.number('accept', listener);
      const { rows, status } = await connectionsOf(...quietly, path);
      const { verdict: expected } = await verdictOf('peer', 'pinned');
      assert.equal(status, expected === 'pinned' ? 0 : 3);
      const ends = rows.filter(({ state }) => state === 'connected');
      assert.equal(rows.length, 3);
      const [service] = ends.filter(({ address }) => address === path);
      const [other] = ends.filter(({ address }) => address === undefined);
      assert.ok(service && other);
      assert.deepEqual([service.peerInode, other.peerInode], [other.inode, service.inode]);
      assert.deepEqual(
        [service, other].map(({ holders }) => holders.map(({ pid, fds }) => ({ pid, fds }))),
        [[{ pid: server.pid, fds: [accepted] }], [{ pid: client.pid, fds: [fd] }]],
      );
      assert.deepEqual(
        [service, other].map(({ credential, recordedBy, verdict }) => [credential?.pid, recordedBy, verdict]),
        [
          [client.pid, 'connect(2)', expected],
          [server.pid, 'listen(2)', expected],
        ],
      );
    });
  }

  it('tells who waits to be accepted, even where there is no place for peerpid', async () => {
    const path = directory.file('socket');
    await server.do('listen', path, 'stream', 1);
    await client.do('connect', path);
    await client.do('connect', path);
    const { rows } = await connectionsOf('--no-connect', path);
    const [listener] = rows.filter(({ state }) => state === 'listening');
    assert.deepEqual(
      listener?.pending?.map(({ holders }) => holders.map(({ pid }) => pid)),
      [[client.pid], [client.pid]],
    );
    assert.ok(listener.findings.some(({ id }) => id === 'backlog-near-full'));
  });

  it('tells who may send to a datagram socket', async () => {
    const path = directory.file('socket');
    await server.do('listen', path, 'dgram');
    const fd = await client.number('connect', path, 'dgram');
    const { rows, status } = await connectionsOf(path);
    // The receiver itself has no credential, which is what inspect was asked for
    assert.equal(status, 3);
    const [sender] = rows.filter(({ address }) => address === undefined);
    assert.deepEqual(
      sender?.holders.map(({ pid, fds }) => ({ pid, fds })),
      [{ pid: client.pid, fds: [fd] }],
    );
    assert.equal(sender.peerInode, rows.find(({ address }) => address === path)?.inode);
  });

  it('ends with 3 for a client that has exited, and names what is left of it', async function () {
    await requireKernel(this, 'a pidfd of a peer that is reaped');
    const path = directory.file('socket');
    const listener = await server.number('listen', path);
    await client.do('connect', path);
    await server.do('accept', listener);
    const { pid } = client;
    await client.exit(7);
    const { stdout, status } = await runPeerpid(['inspect', '--connections', '--no-connect', path]);
    assert.equal(status, 3);
    assert.match(stdout, /^PINNED /m, 'the listener itself is believed');
    assert.match(
      stdout,
      new RegExp(`^exited +stream +\\S+ +\\S+ +node ${server.pid} +\\(closed\\) +- +client: PID ${pid}, status 7`, 'm'),
    );
  });

  it('takes no socket that is connected itself', async () => {
    const [fd] = (await server.do('socketpair')) as number[];
    await assertProblem(['inspect', '--connections', `/proc/${server.pid}/fd/${fd ?? ''}`], {
      status: 2,
      message: /is connected itself/,
      hint: /--connections/,
    });
  });
});
