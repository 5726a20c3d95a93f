import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';

import { acceptedBy, connectionOf } from '../helpers/machine/connections.js';
import { requirePrograms } from '../helpers/machine/requirements.js';
import type { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { publicDirectory, Service } from '../helpers/peers/service.js';
import { inspect } from '../helpers/running/inspect.js';
import { waitFor } from '../helpers/wait-for.js';

/** A bus of the test's own that lets everybody do everything. */
function busConfiguration(address: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>${address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
  </policy>
</busconfig>
`;
}

function startBus(directory: TemporaryDirectory, address: string, listensAt: string): Promise<Service> {
  const configuration = directory.file('bus.conf');
  writeFileSync(configuration, busConfiguration(address));
  return Service.start(['dbus-daemon', `--config-file=${configuration}`, '--nofork', '--nopidfile'], { listensAt });
}

describe('peerpid and dbus-daemon', () => {
  before(function () {
    requirePrograms(this, 'dbus-daemon', 'dbus-send', 'dbus-monitor');
  });

  it('names the bus and the client that it has, each from its side', async () => {
    using directory = publicDirectory();
    const path = directory.file('bus');
    await using bus = await startBus(directory, `unix:path=${path}`, path);
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
    await using bus = await startBus(directory, `unix:path=${path}`, path);
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
    await using bus = await startBus(directory, `unix:abstract=${name}`, `@${name}`);
    const document = await inspect(`@${name}`);
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.credential?.pid, bus.pid);
    assert.equal(document.socket.mode, undefined);
  });
});
