import assert from 'node:assert/strict';

import { CgroupDirectory } from '../../helpers/machine/cgroup-directory.js';
import { PidNamespace, requirePidNamespaces } from '../../helpers/machine/pid-namespace.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { Connected } from '../../helpers/peers/connected.js';
import { endedClient, recycledClient } from '../../helpers/peers/recycling.js';
import { makeZombie, stoppableParent } from '../../helpers/peers/zombie.js';
import { type RunOptions, runPeerpid } from '../../helpers/running/run-peerpid.js';
import { findingIds, type Row, scan } from '../../helpers/running/scan.js';

/** The row of the service's end, by its descriptor in the service's own namespace. */
async function acceptedRow(both: Connected, options?: RunOptions): Promise<Row> {
  const { document } = await scan([], options);
  const fd = Number(both.accepted.split('/').at(-1));
  const row = document.sockets.find(({ holders }) =>
    holders.some(({ pid, fds }) => pid === both.server.ownPid && fds.includes(fd)),
  );
  assert.ok(row, `no row of ${both.accepted}`);
  return row;
}

/** The first line of the table after the heading. */
async function firstLine(options: RunOptions = {}): Promise<string> {
  return (await runPeerpid(['scan', '--connections'], options)).stdout.split('\n')[1] ?? '';
}

describe('peers that have ended in scan', () => {
  it('recycled: the number is another process now, while the service still holds the connection', async function () {
    requirePidNamespaces(this);
    await using namespace = await PidNamespace.make();
    await using both = await recycledClient(namespace);
    const inside = { wrapper: namespace.enter };
    const { ownPid } = both.client;
    const row = await acceptedRow(both, inside);
    assert.deepEqual([row.verdict, row.basis, row.credential?.pid], ['recycled', 'pidfd', ownPid]);
    assert.deepEqual([row.byPid?.pid, row.byPid?.comm, row.byPid?.state], [ownPid, 'sleep', 'running']);
    assert.deepEqual([row.byPidfd?.state, row.byPidfd?.exitStatus], ['exited', { code: 7 }]);
    assert.notEqual(row.byPid?.pidfdId, row.byPidfd?.pidfdId);
    assert.deepEqual([row.seenBy?.pid, row.seenBy?.verdict], [ownPid, 'recycled']);
    assert.match(row.text ?? '', /trusts the wrong process/);
    // The worst of all stands first
    const line = await firstLine(inside);
    assert.match(line, /^recycled /);
    assert.ok(line.includes(`(closed)`));
    assert.ok(line.includes(`client: PID ${ownPid} is sleep now, status 7`), line);
  });

  it('recycled by a mere thread of another process', async function () {
    requirePidNamespaces(this);
    await using namespace = await PidNamespace.make();
    await using both = await endedClient(namespace);
    await namespace.init.do('threadAs', both.client.ownPid);
    const row = await acceptedRow(both, { wrapper: namespace.enter });
    assert.equal(row.verdict, 'recycled');
    assert.ok(findingIds(row).includes('pid-is-thread'));
  });

  it('seen from outside, where the number is free, the same peer has only exited', async function () {
    requirePidNamespaces(this);
    await using namespace = await PidNamespace.make();
    await using both = await recycledClient(namespace);
    const inside = await acceptedRow(both, { wrapper: namespace.enter });
    const row = (await scan()).row(inside.inode);
    assert.deepEqual([row.verdict, row.byPid], ['exited', null]);
    assert.equal(row.byPidfd?.pidfdId, inside.byPidfd?.pidfdId);
    // Its namespace is not ours, and nothing keeps which number that was in there
    assert.equal(row.seenBy?.verdict, 'exited');
  });

  for (const [how, exitStatus, words] of [
    ['exit', { code: 7 }, 'status 7'],
    ['signal', { signal: 'SIGKILL', coreDumped: false }, 'SIGKILL'],
  ] as const) {
    it(`exited: by ${how}, still named by its unit`, async function () {
      using cgroup = CgroupDirectory.make(this, 'app.service');
      await using both = await Connected.start();
      const { pid } = both.client;
      cgroup.add(pid);
      await (how === 'exit' ? both.client.exit(7) : both.client.kill());
      const row = await acceptedRow(both);
      assert.deepEqual([row.verdict, row.basis, row.credential?.pid, row.byPid], ['exited', 'pidfd', pid, null]);
      assert.deepEqual(row.byPidfd?.exitStatus, exitStatus);
      assert.equal(row.byPidfd.unit, 'app.service');
      assert.deepEqual([row.shutdown, row.peerInode], [['receive', 'send'], undefined]);
      assert.match(row.text ?? '', new RegExp(`nobody has PID ${pid} now`));
      const { stdout, status } = await runPeerpid(['scan', '--connections']);
      assert.equal(status, 3);
      assert.ok(stdout.includes(`client: PID ${pid}, ${words}, app.service`), stdout);
      const long = await runPeerpid(['scan', '--long']);
      assert.ok(long.stdout.includes(`PID ${pid}, uid`) && long.stdout.includes('app.service'), long.stdout);
    });
  }

  it('exited: the listener of record, whose clients are told so too', async () => {
    await using both = await Connected.start();
    const heir = await both.server.number('spawn', ['sleep', '60'], Number(both.accepted.split('/').at(-1)));
    try {
      await both.server.exit(3);
      const scanned = await scan();
      const ofClient = scanned.of(both.client, both.clientFd);
      assert.deepEqual([ofClient.verdict, ofClient.recordedBy], ['exited', 'listen(2)']);
      assert.deepEqual(ofClient.byPidfd?.exitStatus, { code: 3 });
      assert.deepEqual(findingIds(ofClient), ['holder-differs']);
      const ofService = scanned.otherEnd(ofClient);
      assert.deepEqual([ofService.verdict, ofService.holders.map(({ pid }) => pid)], ['pinned', [heir]]);
      const line = (await runPeerpid(['scan', '--connections'])).stdout
        .split('\n')
        .find((one) => one.includes(` sleep ${heir} `));
      assert.match(line ?? '', new RegExp(`^exited .* service: PID ${both.server.pid}, status 3$`));
    } finally {
      process.kill(heir, 'SIGKILL');
    }
  });

  it('zombie: the number is not free yet, and its own still', async function () {
    requirePrograms(this, 'perl');
    await using both = await Connected.start({ client: { wrapper: stoppableParent } });
    using _zombie = await makeZombie(both.client);
    const row = await acceptedRow(both);
    assert.deepEqual([row.verdict, row.byPidfd?.state, row.byPid?.state], ['pinned', 'zombie', 'zombie']);
    assert.deepEqual(findingIds(row), ['zombie', 'closed-and-kept']);
    assert.deepEqual(row.byPidfd?.exitStatus, { signal: 'SIGKILL', coreDumped: false });
  });

  it('foreign: inside a namespace the peer outside has no number, but its pidfd', async function () {
    requirePidNamespaces(this);
    await using namespace = await PidNamespace.make();
    await using both = await Connected.start({ server: { wrapper: namespace.enter } });
    const row = await acceptedRow(both, { wrapper: namespace.enter });
    assert.deepEqual([row.verdict, row.credential?.pid, row.byPid], ['foreign', 0, null]);
    assert.ok(row.byPidfd?.pidfdId);
    assert.deepEqual([row.seenBy?.pid, row.seenBy?.verdict], [0, 'foreign']);
    assert.ok(!findingIds(row).includes('service-sees-foreign'), 'it is told what we are');
    assert.match(await firstLine({ wrapper: namespace.enter }), /^foreign /);
  });
});
