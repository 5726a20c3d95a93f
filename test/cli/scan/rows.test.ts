import assert from 'node:assert/strict';

import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { heldAt, type Row, scan, socketInode } from '../../helpers/running/scan.js';

/** The verdict, whom the credential names, and since which call. */
function believed({ verdict, basis, credential, byPid, byPidfd, recordedBy }: Row): unknown[] {
  assert.equal(byPid?.pidfdId, byPidfd?.pidfdId);
  return [verdict, basis, credential?.pid, recordedBy];
}

describe('peerpid scan', () => {
  let directory: TemporaryDirectory;
  let server: Peer;
  let client: Peer;

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    server = keep(await Peer.start());
    client = keep(await Peer.start());
  });

  for (const type of ['stream', 'seqpacket'] as const) {
    for (const kind of ['path', 'abstract'] as const) {
      it(`has a row for a ${type} listener at a ${kind}, and one for each end of a connection to it`, async () => {
        const name = kind === 'path' ? directory.file('socket') : freshName();
        const listening = await server.number('listen', name, type);
        const connected = await client.number('connect', name, type);
        const accepted = await server.number('accept', listening);
        const scanned = await scan();

        const listener = scanned.one(name, 'listening');
        assert.equal(listener.inode, socketInode(server, listening));
        assert.equal(listener.type, type);
        assert.deepEqual(heldAt(listener), { [server.pid]: [listening] });
        assert.deepEqual(believed(listener), ['pinned', 'pidfd', server.pid, 'listen(2)']);
        assert.deepEqual(listener.backlog, { waiting: 0, most: 16 });
        assert.deepEqual([listener.peerInode, listener.pending, listener.queue], [undefined, undefined, undefined]);

        const ofServer = scanned.one(name, 'connected');
        assert.equal(ofServer.inode, socketInode(server, accepted));
        assert.equal(ofServer.type, type);
        assert.deepEqual(heldAt(ofServer), { [server.pid]: [accepted] });
        assert.deepEqual(believed(ofServer), ['pinned', 'pidfd', client.pid, 'connect(2)']);

        const ofClient = scanned.otherEnd(ofServer);
        assert.equal(ofClient.inode, socketInode(client, connected));
        assert.deepEqual([ofClient.type, ofClient.state, ofClient.address], [type, 'connected', undefined]);
        assert.deepEqual(heldAt(ofClient), { [client.pid]: [connected] });
        assert.deepEqual(believed(ofClient), ['pinned', 'pidfd', server.pid, 'listen(2)']);
        for (const row of [ofServer, ofClient]) {
          assert.deepEqual(row.queue, { receive: 0, send: 0 });
          assert.deepEqual([row.shutdown, row.backlog, row.file], [undefined, undefined, undefined]);
          // Without a security module there is no label
          assert.deepEqual(
            row.unavailable.filter(({ code }) => code !== 'ENOPROTOOPT'),
            [],
          );
        }
      });
    }
  }

  for (const type of ['stream', 'seqpacket', 'dgram'] as const) {
    it(`says of both ends of a ${type} socketpair(2) who made it`, async () => {
      const [one = 0, other = 0] = (await server.do('socketpair', type)) as number[];
      const heir = await server.number('spawn', ['sleep', '60'], other);
      await server.do('close', other);
      const scanned = await scan();
      const first = scanned.of(server, one);
      const second = scanned.otherEnd(first);
      assert.deepEqual([heldAt(first), heldAt(second)], [{ [server.pid]: [one] }, { [heir]: [3] }]);
      for (const row of [first, second]) {
        assert.deepEqual([row.type, row.state, row.address], [type, 'connected', undefined]);
        assert.deepEqual(believed(row), ['pinned', 'pidfd', server.pid, 'socketpair(2)']);
      }
    });

    it(`has a row for a ${type} socket that is not connected, which has no peer to believe`, async () => {
      const name = freshName();
      const unnamed = await server.number('socket', type);
      const bound = await server.number('bindOnly', name, type);
      const scanned = await scan();
      for (const [fd, address] of [
        [unnamed, undefined],
        [bound, name],
      ] as const) {
        const row = scanned.of(server, fd);
        assert.deepEqual([row.type, row.state, row.address], [type, 'unconnected', address]);
        assert.deepEqual(heldAt(row), { [server.pid]: [fd] });
        assert.deepEqual([row.verdict, row.credential, row.byPid, row.byPidfd], ['none', null, null, null]);
        assert.deepEqual([row.seenBy, row.peerInode], [undefined, undefined]);
      }
    });
  }

  it('tells a client that is bound to a name from the end that was accepted', async () => {
    const name = freshName();
    const listening = await server.number('listen', name);
    const connected = await client.number('bindAndConnect', `${name}-client`, name);
    const accepted = await server.number('accept', listening);
    const scanned = await scan();
    const ofServer = scanned.of(server, accepted);
    const ofClient = scanned.otherEnd(ofServer);
    assert.equal(ofClient.inode, socketInode(client, connected));
    assert.deepEqual([ofServer.address, ofClient.address], [name, `${name}-client`]);
    assert.deepEqual(believed(ofServer), ['pinned', 'pidfd', client.pid, 'connect(2)']);
    assert.deepEqual(believed(ofClient), ['pinned', 'pidfd', server.pid, 'listen(2)']);
  });

  it('does not say which end of two that are bound has connected, once nobody listens there', async () => {
    const name = freshName();
    const listening = await server.number('listen', name);
    await client.number('bindAndConnect', `${name}-client`, name);
    const accepted = await server.number('accept', listening);
    await server.do('close', listening);
    const scanned = await scan();
    const ofServer = scanned.of(server, accepted);
    for (const row of [ofServer, scanned.otherEnd(ofServer)]) assert.equal(row.recordedBy, 'connect(2) or listen(2)');
  });

  it('says who made a socket, its effective user at that moment', async function () {
    if (process.geteuid?.() !== 0) this.skip();
    await client.do('seteuid', 1000);
    const fd = await client.number('socket');
    await client.do('seteuid', 0);
    assert.equal((await scan()).of(client, fd).owner?.id, 1000);
  });

  it('has each process that rows speak of once and in full', async () => {
    const name = freshName();
    const listening = await server.number('listen', name);
    await client.do('connect', name);
    await client.do('connect', name);
    await server.do('accept', listening);
    await server.do('accept', listening);
    const { document } = await scan();
    const own = document.processes.filter(({ pid }) => pid === client.pid);
    assert.equal(own.length, 1);
    assert.equal(own[0]?.state, 'running');
    assert.ok(own[0].cmdline?.at(-1)?.endsWith('peer-program.js'));
    assert.equal(new Set(document.processes.map(({ pidfdId }) => pidfdId)).size, document.processes.length);
    for (const { byPid, byPidfd } of document.sockets) {
      for (const brief of [byPid, byPidfd]) {
        if (brief?.pidfdId === undefined) continue;
        assert.ok(document.processes.some(({ pidfdId, comm }) => pidfdId === brief.pidfdId && comm === brief.comm));
      }
    }
  });
});
