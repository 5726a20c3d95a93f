import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';

import { acceptedBy } from '../../helpers/machine/connections.js';
import { childrenOf, PidNamespace, requirePidNamespaces } from '../../helpers/machine/pid-namespace.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { freshName } from '../../helpers/peers/connected.js';
import { passDescriptor } from '../../helpers/peers/pass-descriptor.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Service, signal } from '../../helpers/peers/service.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { findingIds, findingText, scan, socketInode } from '../../helpers/running/scan.js';
import { waitFor } from '../../helpers/wait-for.js';

describe('sockets that were handed over, in scan', () => {
  let server: Peer;
  let name: string;

  prepareEach(async (keep) => {
    server = keep(await Peer.start());
    name = freshName();
  });

  it('a listener that was inherited: shared, and then held by others than the process of record', async () => {
    const fd = await server.number('listen', name);
    const inode = socketInode(server, fd);
    const heir = await server.number('spawn', ['sleep', '60'], fd);
    const shared = (await scan()).row(inode);
    assert.deepEqual(findingIds(shared), ['open-to-all', 'shared-socket']);
    await server.do('close', fd);
    const row = (await scan()).row(inode);
    assert.deepEqual(findingIds(row), ['open-to-all', 'holder-differs']);
    assert.match(findingText(row, 'holder-differs'), /called listen\(2\) does not .* open, and another does/);
    assert.deepEqual([row.verdict, row.credential?.pid], ['pinned', server.pid]);
    assert.deepEqual([row.seenBy?.holder, row.holders[0]?.pid], [heir, heir]);
  });

  it('a listener of record that is dead: by its holders, with how it ended', async () => {
    const fd = await server.number('listen', name);
    const inode = socketInode(server, fd);
    const heir = await server.number('spawn', ['sleep', '60'], fd);
    try {
      await server.exit(4);
      const row = (await scan()).row(inode);
      assert.deepEqual([row.verdict, row.state, row.credential?.pid], ['exited', 'listening', server.pid]);
      assert.deepEqual(row.byPidfd?.exitStatus, { code: 4 });
      assert.ok(findingIds(row).includes('holder-differs'));
      assert.deepEqual([row.holders[0]?.pid, row.seenBy?.verdict], [heir, 'exited']);
    } finally {
      signal(heir, 'SIGKILL');
    }
  });

  it('a listener of record whose number is another process now', async function () {
    requirePidNamespaces(this);
    await using namespace = await PidNamespace.make();
    await using inside = await Peer.start({ wrapper: namespace.enter });
    const fd = await inside.number('listen', name);
    const heir = await inside.number('spawn', ['sleep', '60'], fd);
    await inside.exit();
    await namespace.init.do('spawnAs', inside.ownPid, ['sleep', '61']);
    const row = (await scan([], { wrapper: namespace.enter })).one(name, 'listening');
    assert.deepEqual([row.verdict, row.byPid?.comm, row.holders[0]?.pid], ['recycled', 'sleep', heir]);
    assert.ok(findingIds(row).includes('holder-differs'));
  });

  it('a client’s end that was passed by SCM_RIGHTS: the service is told of who connected', async () => {
    const fd = await server.number('listen', name);
    await using client = await Peer.start();
    await using heir = await Peer.start();
    const connected = await client.number('connect', name);
    const accepted = await server.number('accept', fd);
    const taken = await passDescriptor(client, connected, heir);
    assert.deepEqual(findingIds((await scan()).of(server, accepted)), ['shared-socket']);
    await client.do('close', connected);
    const scanned = await scan();
    const row = scanned.of(server, accepted);
    assert.deepEqual([row.verdict, row.credential?.pid], ['pinned', client.pid]);
    assert.deepEqual(findingIds(row), ['holder-differs']);
    assert.match(findingText(row, 'holder-differs'), /called connect\(2\)/);
    assert.equal(scanned.of(heir, taken).inode, row.peerInode);
  });

  it('of a new call of listen(2) the credential is of who called it', async () => {
    const fd = await server.number('listen', name);
    await using heir = await Peer.start();
    const taken = await passDescriptor(server, fd, heir);
    await heir.do('listenOn', taken);
    await server.do('close', fd);
    const row = (await scan()).of(heir, taken);
    assert.deepEqual([row.credential?.pid, findingIds(row)], [heir.pid, ['open-to-all']]);
  });

  it('of a service that was started by its first client: the activator is the process of record', async function () {
    requirePrograms(this, 'systemd-socket-activate');
    using directory = new TemporaryDirectory();
    const path = directory.file('socket');
    const command = ['systemd-socket-activate', '--accept', '-l', path, '/bin/sleep', '60'];
    await using activator = await Service.start(command, { listensAt: path });
    const client = connect(path);
    try {
      await once(client, 'connect');
      await waitFor('the service runs', () => childrenOf(activator.pid).length > 0);
      const [service = 0] = childrenOf(activator.pid);
      await waitFor('the activator lets go of it', () => acceptedBy(activator.pid, path).length === 0);
      const scanned = await scan();
      const accepted = scanned.one(path, 'connected');
      assert.deepEqual(
        accepted.holders.map(({ pid }) => pid),
        [service],
      );
      assert.deepEqual([accepted.verdict, accepted.credential?.pid], ['pinned', process.pid]);
      const ofClient = scanned.otherEnd(accepted);
      assert.deepEqual([ofClient.credential?.pid, findingIds(ofClient)], [activator.pid, ['holder-differs']]);
      assert.equal(scanned.one(path, 'listening').holders[0]?.pid, activator.pid);
    } finally {
      client.destroy();
    }
  });
});
