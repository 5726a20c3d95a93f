import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

import { placesTaken } from '../../native-probe/diag-socket.js';
import { socketOfInode } from '../../native-probe/sock-diag.js';
import { acceptedBy, childrenOf, connectionOf } from '../helpers/machine/connections.js';
import { requirePrograms } from '../helpers/machine/requirements.js';
import { publicDirectory, Service, signal } from '../helpers/peers/service.js';
import { findingIds, inspect } from '../helpers/running/inspect.js';
import { waitFor } from '../helpers/wait-for.js';

const activate = 'systemd-socket-activate';

/** A client that asks for the service once, which is what starts it. */
async function knock(path: string): Promise<void> {
  const socket = connect(path);
  await once(socket, 'connect');
  socket.destroy();
}

describe('peerpid and socket activation', () => {
  before(function () {
    requirePrograms(this, activate);
  });

  it('shows the activator to clients, and the client to the service that it starts for each', async () => {
    using directory = publicDirectory();
    const path = directory.file('socket');
    const command = [activate, '--accept', '-l', path, '/bin/sleep', '60'];
    await using activator = await Service.start(command, { listensAt: path });
    const client = connect(path);
    try {
      await waitFor('the service runs', () => childrenOf(activator.pid).length > 0);
      const [service = 0] = childrenOf(activator.pid);
      // Before that the descriptor still has the number that the activator gave it
      await waitFor('it runs its program', () => readFileSync(`/proc/${service}/comm`, 'utf8') === 'sleep\n');
      await waitFor('the activator lets go of it', () => acceptedBy(activator.pid, path).length === 0);
      const ofService = await inspect(await connectionOf(service, path));
      assert.equal(ofService.credential?.pid, process.pid);
      assert.equal(ofService.verdict, 'pinned');

      const ours = ofService.holders?.find(({ pid }) => pid === process.pid)?.fds[0] ?? -1;
      const ofClient = await inspect(`/proc/${process.pid}/fd/${ours}`);
      assert.equal(ofClient.credential?.pid, activator.pid);
      assert.deepEqual(findingIds(ofClient), ['holder-differs']);
      assert.deepEqual(
        ofClient.holders?.map(({ pid }) => pid),
        [service],
      );
    } finally {
      client.destroy();
    }
  });

  it('starts the service by --connect, as any connection does', async () => {
    using directory = publicDirectory();
    const path = directory.file('socket');
    await using activator = await Service.start([activate, '-l', path, '/bin/sleep', '60'], { listensAt: path });
    const document = await inspect(['--connect', path]);
    assert.equal(document.credential?.pid, activator.pid);
    await activator.logged('Execing /bin/sleep');
  });

  it('does not start the service by looking, and shows who would', async () => {
    using directory = publicDirectory();
    const path = directory.file('socket');
    await using activator = await Service.start([activate, '-l', path, '/bin/sleep', '60'], { listensAt: path });
    const { verdict, credential, socket } = await inspect(path);
    assert.equal(verdict, 'pinned');
    assert.equal(credential?.pid, activator.pid);
    // Nothing accepts there, so a connection would still be in the backlog
    const taken = (): number => placesTaken(socketOfInode(socket.inode ?? 0)?.backlog ?? { waiting: -1, most: 0 });
    assert.equal(taken(), 0);
    assert.equal(activator.log.includes('Communication attempt'), false);
    await knock(path);
    await activator.logged('Execing /bin/sleep');
    assert.equal(taken(), 1);
  });

  it('tells that a service in the background is not the process that the socket names', async () => {
    using directory = publicDirectory();
    const path = directory.file('socket');
    const command = [activate, '-l', path, '/bin/sh', '-c', 'sleep 60 <&- >&- 2>&- & echo $!; exec true'];
    await using activator = await Service.start(command, { listensAt: path });
    await knock(path);
    assert.equal(await activator.status(), 0);
    await activator.logged('\n');
    const service = Number(/^(\d+)$/m.exec(activator.log)?.[1]);
    try {
      await waitFor('it runs its program', () => readFileSync(`/proc/${service}/comm`, 'utf8') === 'sleep\n');
      const document = await inspect(path);
      assert.equal(document.verdict, 'exited');
      assert.equal(document.credential?.pid, activator.pid);
      assert.deepEqual(document.byPidfd?.exitStatus, { code: 0 });
      assert.ok(findingIds(document).includes('holder-differs'), JSON.stringify(document.findings));
      assert.deepEqual(
        document.holders?.map(({ pid, comm }) => ({ pid, comm })),
        [{ pid: service, comm: 'sleep' }],
      );
    } finally {
      signal(service, 'SIGKILL');
    }
  });

  it('tells of a service that shares its socket with what it started', async () => {
    using directory = publicDirectory();
    const path = directory.file('socket');
    const command = [activate, '-l', path, '/bin/sh', '-c', 'sleep 60 & wait'];
    await using activator = await Service.start(command, { listensAt: path });
    await knock(path);
    await waitFor('the service runs', () => childrenOf(activator.pid).length > 0);
    const document = await inspect(path);
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.byPidfd?.comm, 'sh');
    // The one that knocked is in the backlog
    assert.deepEqual(findingIds(document), ['shared-socket']);
  });
});
