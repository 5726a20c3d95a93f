import assert from 'node:assert/strict';

import { requirePrograms } from '../../helpers/machine/requirements.js';
import { BusClient, startBus } from '../../helpers/peers/bus.js';
import { publicDirectory } from '../../helpers/peers/service.js';
import { BusEvents } from '../../helpers/running/bus-events.js';
import { outcomeOf, startPeerpid } from '../../helpers/running/run-peerpid.js';

describe('peerpid bus --watch', () => {
  before(function () {
    requirePrograms(this, 'dbus-daemon', 'python3');
  });

  it('shows who comes and goes, and who gets a name', async () => {
    using directory = publicDirectory();
    const path = directory.file('bus');
    await using daemon = await startBus(directory);
    await using first = await BusClient.start(path, { names: ['org.example.One'] });
    await using events = BusEvents.start(path);
    const begin = await events.next('bus');
    assert.equal(begin.bus.pid, daemon.pid);
    const present = await events.next('present');
    assert.deepEqual(
      [present.connection.uniqueName, present.connection.names],
      [first.uniqueName, ['org.example.One']],
    );
    {
      await using second = await BusClient.start(path);
      const came = await events.next('came');
      assert.equal(came.uniqueName, second.uniqueName);
      assert.deepEqual(
        [came.connection?.credentials?.pid, came.connection?.verdict, came.connection?.kernel[0]?.verdict],
        [second.pid, 'unpinned', 'pinned'],
      );
      await second.own('org.example.Two');
      const named = await events.next('name');
      assert.deepEqual([named.name, named.from, named.to], ['org.example.Two', undefined, second.uniqueName]);
      assert.deepEqual(named.connection?.names, ['org.example.Two']);
    }
    const [left, went] = [await events.next('name'), await events.next('went')];
    assert.deepEqual([left.name, left.to], ['org.example.Two', undefined]);
    assert.equal(went.uniqueName, left.from);
    const { status, stderr } = await events.stop('SIGINT');
    assert.deepEqual([status, stderr], [0, '']);
  });

  it('shows only what is of a name that is wanted, also of one that nobody has yet', async () => {
    using directory = publicDirectory();
    const path = directory.file('bus');
    await using _daemon = await startBus(directory);
    await using events = BusEvents.start(path, ['org.example.Late']);
    assert.deepEqual((await events.next('bus')).unnamed, []);
    await using _other = await BusClient.start(path, { names: ['org.example.Other'] });
    await using late = await BusClient.start(path, { names: ['org.example.Late'] });
    const named = await events.next('name');
    assert.deepEqual(
      [named.name, named.to, named.connection?.credentials?.pid],
      ['org.example.Late', late.uniqueName, late.pid],
    );
    const { status } = await events.stop('SIGTERM');
    assert.equal(status, 3, 'its PID is not to be trusted');
  });

  it('draws a line for each, and ends in time', async () => {
    using directory = publicDirectory();
    const path = directory.file('bus');
    await using _daemon = await startBus(directory);
    const child = startPeerpid(['bus', '-w', '--duration', '2', '--address', path]);
    const ended = outcomeOf(child);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await using client = await BusClient.start(path, { names: ['org.example.One'] });
    const { status, stdout, stderr } = await ended;
    assert.deepEqual([status, stderr], [0, '']);
    const name = client.uniqueName.replace('.', '\\.');
    assert.match(stdout, /^bus {11}\S+: PID \d+ by its own word/m);
    assert.match(
      stdout,
      new RegExp(`^\\d\\d:\\d\\d:\\d\\d {2}came {2}${name} unpinned: python3 ${client.pid}, .*user`, 'm'),
    );
    assert.match(stdout, new RegExp(`^\\S+ {2}name {2}org\\.example\\.One: has ${name} unpinned: python3`, 'm'));
  });

  it('says that the bus has ended', async () => {
    using directory = publicDirectory();
    const path = directory.file('bus');
    const daemon = await startBus(directory);
    const child = startPeerpid(['bus', '--watch', '--address', path]);
    const ended = outcomeOf(child);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await daemon[Symbol.asyncDispose]();
    const { status, stderr } = await ended;
    assert.equal(status, 1);
    assert.match(stderr, /^peerpid: \S+ closed the connection\n {2}hint: /);
  });
});
