import assert from 'node:assert/strict';

import { type NewerBuses, requireNewerBuses } from '../../helpers/machine/newer-buses.js';
import { PidNamespace, requirePidNamespaces } from '../../helpers/machine/pid-namespace.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { startBroker } from '../../helpers/peers/broker.js';
import { BusClient, isThere, startBus } from '../../helpers/peers/bus.js';
import { publicDirectory } from '../../helpers/peers/service.js';
import { bus, connectionOf } from '../../helpers/running/bus.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { waitFor } from '../../helpers/wait-for.js';

describe('peerpid bus and a bus that gives ProcessFD', () => {
  let newer: NewerBuses;

  before(function () {
    this.timeout(180_000);
    requirePrograms(this, 'python3');
    newer = requireNewerBuses(this);
  });

  it('believes a pidfd of dbus-daemon 1.16', async () => {
    using directory = publicDirectory();
    await using _daemon = await startBus(directory, { daemon: [newer.daemon] });
    await using client = await BusClient.start(directory.file('bus'));
    const { document, status } = await bus(directory.file('bus'), ['--strict']);
    assert.equal(status, 0);
    assert.equal(document.bus.givesPidfds, true);
    const one = connectionOf(document, client.uniqueName);
    assert.deepEqual([one.verdict, one.basis, one.credentials?.pidfd], ['pinned', 'pidfd', true]);
    assert.equal(one.byPidfd?.pid, client.pid);
    assert.equal(one.byPidfd.pidfdId, one.kernel[0]?.byPidfd?.pidfdId);
    const text = await runPeerpid(['bus', '--address', directory.file('bus'), client.uniqueName]);
    assert.equal(text.status, 0);
    assert.match(text.stdout, /by PID \(ProcessID\) +by pidfd \(ProcessFD\)$/m);
    assert.match(text.stdout, /^PINNED +PID \d+ is the process that connected to the bus, /m);
  });

  it('knows by the pidfd of dbus-daemon 1.16 that a client has ended, of which it gives no PID', async () => {
    using directory = publicDirectory();
    await using _daemon = await startBus(directory, { daemon: [newer.daemon] });
    await using client = await BusClient.start(directory.file('bus'));
    const child = await client.handOver();
    try {
      await waitFor('the client is gone', () => !isThere(client.pid));
      const { document, status } = await bus(directory.file('bus'));
      assert.equal(status, 0, 'there is no PID that could deceive');
      const one = connectionOf(document, client.uniqueName);
      assert.deepEqual([one.verdict, one.basis, one.credentials?.pid], ['exited', 'pidfd', undefined]);
      assert.match(one.text, /gives no PID of it any more/);
      assert.deepEqual(one.byPidfd?.exitStatus, { code: 0 });
      assert.equal((await bus(directory.file('bus'), ['--strict'])).status, 3);
    } finally {
      process.kill(child);
    }
  });

  describe('dbus-broker', () => {
    before(function () {
      requirePrograms(this, 'dbus-broker', 'dbus-broker-launch', 'systemd-socket-activate', 'socat', 'unshare');
      requireThat(this, isRoot, 'it is started in a mount namespace');
    });

    it('gives none before 34', async () => {
      using directory = publicDirectory();
      await using _broker = await startBroker(directory);
      await using client = await BusClient.start(directory.file('bus'), { names: ['org.example.One'] });
      const { document } = await bus(directory.file('bus'));
      assert.equal(document.bus.relay, undefined, 'its launcher is the bus by its own word');
      assert.deepEqual(document.bus.holders?.map(({ comm }) => comm).sort(), ['dbus-broker', 'dbus-broker-lau']);
      const one = connectionOf(document, 'org.example.One');
      assert.deepEqual([one.verdict, one.credentials?.pid, one.kernel[0]?.verdict], ['unpinned', client.pid, 'pinned']);
      assert.deepEqual(document.unnamed, []);
    });

    it('gives them', async () => {
      using directory = publicDirectory();
      await using _broker = await startBroker(directory, { newer });
      await using client = await BusClient.start(directory.file('bus'));
      const { document, status } = await bus(directory.file('bus'), ['--strict']);
      assert.equal(status, 0);
      const one = connectionOf(document, client.uniqueName);
      assert.deepEqual([one.verdict, one.byPidfd?.pid], ['pinned', client.pid]);
    });

    it('gives the pidfd of a client that has ended, and its PID, which is another process by now', async function () {
      requirePidNamespaces(this);
      using directory = publicDirectory();
      await using namespace = await PidNamespace.make();
      const { enter: wrapper } = namespace;
      await using _broker = await startBroker(directory, { newer, wrapper });
      await using client = await BusClient.start(directory.file('bus'), { wrapper });
      const before = connectionOf((await bus(directory.file('bus'), [], { wrapper })).document, client.uniqueName);
      const pid = before.credentials?.pid ?? 0;
      assert.equal(before.verdict, 'pinned');
      await client.handOver();
      const exited = await bus(directory.file('bus'), [], { wrapper });
      assert.equal(connectionOf(exited.document, client.uniqueName).verdict, 'exited');
      await namespace.init.do('spawnAs', pid, ['sleep', '60']);
      const { document, status } = await bus(directory.file('bus'), [], { wrapper });
      assert.equal(status, 3);
      const one = connectionOf(document, client.uniqueName);
      assert.deepEqual([one.verdict, one.kernel[0]?.verdict], ['recycled', 'recycled']);
      assert.deepEqual([one.byPid?.comm, one.byPidfd?.state], ['sleep', 'exited']);
      assert.match(one.text, /Whoever goes by the PID trusts the wrong process\.$/);
    });
  });
});
