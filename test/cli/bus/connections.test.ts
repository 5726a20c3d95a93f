import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

import { PidNamespace, requirePidNamespaces } from '../../helpers/machine/pid-namespace.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { BusClient, isThere, startBus } from '../../helpers/peers/bus.js';
import { asUser, nobody, publicDirectory, Service } from '../../helpers/peers/service.js';
import { bus, connectionOf } from '../../helpers/running/bus.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { waitFor } from '../../helpers/wait-for.js';

describe('peerpid bus and a dbus-daemon without ProcessFD', () => {
  before(function () {
    requirePrograms(this, 'dbus-daemon', 'python3');
  });

  it('shows each connection by the word of the bus and by the kernel', async () => {
    using directory = publicDirectory();
    await using daemon = await startBus(directory);
    await using client = await BusClient.start(directory.file('bus'), {
      names: ['org.example.Two', 'org.example.One'],
    });
    await using other = await BusClient.start(directory.file('bus'));
    const { document, status } = await bus(directory.file('bus'));
    assert.equal(status, 0, 'the kernel says of both that they are in order');
    assert.equal(document.bus.pid, daemon.pid);
    assert.deepEqual(
      document.bus.holders?.map(({ pid, comm }) => [pid, comm]),
      [[daemon.pid, 'dbus-daemon']],
    );
    assert.equal(document.bus.relay, undefined);
    assert.equal(document.bus.givesPidfds, false);
    assert.deepEqual(
      document.connections.map(({ uniqueName }) => uniqueName).sort(),
      [client.uniqueName, other.uniqueName].sort(),
      'without peerpid itself',
    );
    assert.deepEqual([document.unnamed, document.notSeen.kernel, document.notSeen.gone], [[], [], 0]);
    const one = connectionOf(document, 'org.example.One');
    assert.equal(one.uniqueName, client.uniqueName);
    assert.deepEqual(one.names, ['org.example.One', 'org.example.Two']);
    assert.deepEqual([one.verdict, one.basis], ['unpinned', 'credential']);
    assert.match(one.text, /^The bus gives PID \d+ and no pidfd .* polkit .* By the kernel, it still is\.$/);
    const { pid, uid, user, groups, pidfd } = one.credentials ?? {};
    assert.deepEqual([pid, uid, user, pidfd], [client.pid, process.geteuid?.(), userInfo().username, false]);
    assert.ok(groups?.includes(process.getegid?.() ?? -1), 'the group is among UnixGroupIDs');
    assert.equal(one.byPid?.pid, client.pid);
    assert.equal(one.byPidfd, null);
    const [record, ...others] = one.kernel;
    assert.deepEqual(others, []);
    assert.deepEqual([record?.verdict, record?.credential.pid], ['pinned', client.pid]);
    assert.equal(record?.byPidfd?.pidfdId, one.byPid.pidfdId);
    assert.ok(!one.findings.some(({ id }) => id === 'gid-changed'), 'nobody said which group it is');
  });

  it('draws a table, and of a name all that is known', async () => {
    using directory = publicDirectory();
    await using _daemon = await startBus(directory);
    await using client = await BusClient.start(directory.file('bus'), { names: ['org.example.One'] });
    const address = `unix:path=${directory.file('bus')}`;
    const all = await runPeerpid(['bus', '--address', address]);
    assert.equal(all.status, 0);
    assert.match(all.stdout, /^VERDICT +KERNEL +NAME +PID +PROGRAM +USER +UNIT +OWNS\n/);
    assert.match(
      all.stdout,
      new RegExp(`^unpinned +pinned +${client.uniqueName} +${client.pid} +python3 .* org\\.example\\.One$`, 'm'),
    );
    assert.match(all.stdout, /^connections +1 connection: 1 unpinned$/m);
    const one = await runPeerpid(['bus', '--address', address, 'org.example.One']);
    assert.equal(one.status, 3, 'a name asks whether its PID can be trusted');
    assert.match(one.stdout, new RegExp(`^${client.uniqueName} \\(org\\.example\\.One\\): python3 ${client.pid}, `));
    assert.match(one.stdout, /by PID \(ProcessID\) +by the kernel \(SO_PEERPIDFD\)$/m);
    assert.match(one.stdout, /^bus says +ProcessID \d+, no ProcessFD, UnixUserID \S+ \(\d+\), UnixGroupIDs /m);
    const strict = await runPeerpid(['bus', '--strict', '--address', address]);
    assert.equal(strict.status, 3);
  });

  it('says what the kernel knows of a client that has ended', async () => {
    using directory = publicDirectory();
    await using _daemon = await startBus(directory);
    await using client = await BusClient.start(directory.file('bus'));
    const child = await client.handOver();
    try {
      await waitFor('the client is gone', () => !isThere(client.pid));
      const { document, status } = await bus(directory.file('bus'));
      assert.equal(status, 3);
      const one = connectionOf(document, client.uniqueName);
      assert.deepEqual([one.verdict, one.kernel[0]?.verdict], ['unpinned', 'exited']);
      assert.match(one.text, /By the kernel, that process has ended, and nobody has the PID now\.$/);
      assert.equal(one.byPid, null);
      assert.deepEqual(one.kernel[0]?.byPidfd?.exitStatus, { code: 0 });
    } finally {
      process.kill(child);
    }
  });

  it('says that a PID is another process by now', async function () {
    requirePidNamespaces(this);
    using directory = publicDirectory();
    await using namespace = await PidNamespace.make();
    const { enter: wrapper } = namespace;
    await using _daemon = await startBus(directory, { wrapper });
    await using client = await BusClient.start(directory.file('bus'), { wrapper });
    const before = await bus(directory.file('bus'), [], { wrapper });
    const { pid } = connectionOf(before.document, client.uniqueName).credentials ?? {};
    assert.ok(pid !== undefined && pid !== client.pid);
    await client.handOver();
    await namespace.init.do('spawnAs', pid, ['sleep', '60']);
    const { document, status } = await bus(directory.file('bus'), [], { wrapper });
    assert.equal(status, 3);
    const one = connectionOf(document, client.uniqueName);
    assert.deepEqual([one.verdict, one.kernel[0]?.verdict], ['unpinned', 'recycled']);
    assert.match(one.text, /whoever goes by what the bus says trusts the wrong process\.$/);
    assert.deepEqual([one.byPid?.pid, one.byPid?.comm], [pid, 'sleep']);
  });

  it('shows the program that a client runs by now', async () => {
    using directory = publicDirectory();
    await using _daemon = await startBus(directory);
    await using client = await BusClient.start(directory.file('bus'));
    await client.exec('sleep', '60');
    await waitFor('it runs sleep', () => readFileSync(`/proc/${client.pid}/comm`, 'utf8') === 'sleep\n');
    const { document } = await bus(directory.file('bus'));
    const one = connectionOf(document, client.uniqueName);
    process.kill(client.pid);
    assert.deepEqual([one.byPid?.comm, one.kernel[0]?.verdict], ['sleep', 'pinned']);
  });

  it('counts a monitor, which has no name', async () => {
    using directory = publicDirectory();
    await using _daemon = await startBus(directory);
    await using monitor = await BusClient.start(directory.file('bus'));
    await monitor.monitor();
    const { document } = await bus(directory.file('bus'));
    assert.deepEqual(document.connections, []);
    assert.deepEqual(
      document.unnamed.map(({ process: one, connections }) => [one?.pid, one?.comm, connections]),
      [[monitor.pid, 'python3', 1]],
    );
  });

  it('says that a relay stands between it and the bus', async function () {
    requirePrograms(this, 'socat');
    using directory = publicDirectory();
    await using daemon = await startBus(directory);
    await using client = await BusClient.start(directory.file('bus'));
    const relay = directory.file('relay');
    await using socat = await Service.start(
      ['socat', `UNIX-LISTEN:${relay},fork,mode=777`, `UNIX-CONNECT:${directory.file('bus')}`],
      { listensAt: relay },
    );
    await using behind = await BusClient.start(relay);
    const { document } = await bus(relay);
    assert.equal(document.bus.pid, daemon.pid);
    assert.equal(document.bus.relay, true);
    assert.ok(document.bus.holders?.some(({ pid }) => pid === socat.pid));
    assert.equal(connectionOf(document, client.uniqueName).kernel[0]?.verdict, 'pinned');
    const relayed = connectionOf(document, behind.uniqueName);
    assert.notEqual(relayed.credentials?.pid, behind.pid, 'the bus sees the relay');
    assert.equal(relayed.byPid?.comm, 'socat');
    assert.ok(relayed.findings.some(({ id }) => id === 'peer-is-relay'));
  });

  it('sees what others may see, and says what it could not', async function () {
    requireThat(this, isRoot, 'root becomes another user');
    requirePrograms(this, 'setpriv');
    using directory = publicDirectory();
    await using _daemon = await startBus(directory);
    await using client = await BusClient.start(directory.file('bus'));
    const { document, status } = await bus(directory.file('bus'), [], { wrapper: asUser(nobody) });
    assert.equal(status, 0);
    const one = connectionOf(document, client.uniqueName);
    assert.deepEqual([one.verdict, one.kernel], ['unpinned', []]);
    assert.match(one.text, /What the kernel recorded is not known: you may not see the sockets of the bus/);
    assert.match(document.notSeen.kernel.join(), /root \(CAP_SYS_PTRACE\)/);
    assert.equal(document.bus.holders, undefined);
  });

  it('says that a client’s real user is another, by which polkit decides', async function () {
    requireThat(this, isRoot, 'root becomes another user');
    using directory = publicDirectory();
    await using _daemon = await startBus(directory);
    await using client = await BusClient.start(directory.file('bus'), { realUser: nobody });
    const { document } = await bus(directory.file('bus'));
    const one = connectionOf(document, client.uniqueName);
    assert.deepEqual([one.credentials?.uid, one.kernel[0]?.credential.uid], [0, 0], 'the effective one');
    assert.deepEqual([one.byPid?.uids?.real, one.byPid?.uids?.effective], [nobody, 0]);
    const found = one.findings.find(({ id }) => id === 'ids-differ');
    assert.match(found?.text ?? '', /real uid is 65534, its effective uid 0 .* polkit .* the real ones/);
    const text = await runPeerpid(['bus', '--address', directory.file('bus'), client.uniqueName]);
    assert.match(text.stdout, /^real user now +nobody \(65534\)/m);
  });

  it('says that a client lives in another user namespace', async function () {
    requirePrograms(this, 'unshare');
    const wrapper = ['unshare', '--user', '--map-root-user'];
    requireThat(this, isRoot, 'its user is another there');
    using directory = publicDirectory();
    await using _daemon = await startBus(directory);
    await using client = await BusClient.start(directory.file('bus'), { wrapper });
    const { document } = await bus(directory.file('bus'));
    const one = connectionOf(document, client.uniqueName);
    assert.equal(one.kernel[0]?.verdict, 'pinned');
    assert.match(one.findings.find(({ id }) => id === 'other-namespaces')?.text ?? '', /: user\./);
  });

  it('counts in the PID namespace of the bus', async function () {
    requirePidNamespaces(this);
    requireThat(this, isRoot, 'its processes are looked into from outside');
    using directory = publicDirectory();
    await using namespace = await PidNamespace.make();
    const { enter: wrapper } = namespace;
    await using _daemon = await startBus(directory, { wrapper });
    await using inside = await BusClient.start(directory.file('bus'), { wrapper });
    await using outside = await BusClient.start(directory.file('bus'));
    const { document } = await bus(directory.file('bus'));
    const one = connectionOf(document, inside.uniqueName);
    assert.equal(one.verdict, 'unpinned');
    assert.notEqual(one.credentials?.pid, one.byPid?.pid, 'its number is another here');
    assert.equal(one.byPid?.comm, 'python3');
    assert.equal(one.kernel[0]?.verdict, 'pinned');
    const other = connectionOf(document, outside.uniqueName);
    assert.deepEqual([other.verdict, other.credentials?.pid], ['foreign', 0]);
    assert.match(other.text, /^The bus gives PID 0, which is none/);
  });
});
