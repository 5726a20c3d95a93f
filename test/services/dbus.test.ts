import assert from 'node:assert/strict';

import { acceptedBy, connectionOf } from '../helpers/machine/connections.js';
import { requirePrograms } from '../helpers/machine/requirements.js';
import { startBus } from '../helpers/peers/bus.js';
import { publicDirectory, Service } from '../helpers/peers/service.js';
import { inspect } from '../helpers/running/inspect.js';
import { waitFor } from '../helpers/wait-for.js';

describe('peerpid and dbus-daemon', () => {
  before(function () {
    requirePrograms(this, 'dbus-daemon', 'dbus-send', 'dbus-monitor');
  });

  it('names the bus and the client that it has, each from its side', async () => {
    using directory = publicDirectory();
    const path = directory.file('bus');
    await using bus = await startBus(directory);
    const ofBus = await inspect(path);
    assert.equal(ofBus.verdict, 'pinned');
    assert.equal(ofBus.byPidfd?.comm, 'dbus-daemon');
    assert.equal(ofBus.credential?.pid, bus.pid);
    await waitFor('the bus lets the connection go', () => acceptedBy(bus.pid, path).length === 0);

    await using monitor = await Service.start(['dbus-monitor', '--address', `unix:path=${path}`]);
    const ofClient = await inspect(await connectionOf(bus.pid, path));
    assert.equal(ofClient.verdict, 'pinned');
    assert.equal(ofClient.recordedBy, 'connect(2)');
    assert.equal(ofClient.credential?.pid, monitor.pid);
    assert.equal(ofClient.byPidfd?.comm, 'dbus-monitor');
    assert.equal(ofClient.credential.uid, process.geteuid?.());

    await bus.logged('became a monitor');
    assert.ok(bus.log.includes(`pid=${monitor.pid} `), 'the bus itself names the same process');
  });

  it('leaves no trace in the log of a bus, which answers as before', async () => {
    using directory = publicDirectory();
    const path = directory.file('bus');
    await using bus = await startBus(directory);
    await inspect(path);
    const call = ['--print-reply', '--dest=org.freedesktop.DBus', '/', 'org.freedesktop.DBus.ListNames'];
    await using client = await Service.start(['dbus-send', `--bus=unix:path=${path}`, ...call]);
    assert.equal(await client.status(), 0, client.log);
    assert.match(client.log, /":1\.0"/, 'peerpid was never given a name on the bus');
    // The bus complains of its own limits in a container
    assert.deepEqual(
      bus.log.split('\n').filter((line) => line !== '' && !line.includes('fd limit')),
      [],
    );
  });

  it('names a bus on an abstract address', async () => {
    using directory = publicDirectory();
    const name = `peerpid-test-${process.pid}`;
    await using bus = await startBus(directory, { abstractName: name });
    const document = await inspect(`@${name}`);
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.credential?.pid, bus.pid);
    assert.equal(document.socket.mode, undefined);
  });
});
