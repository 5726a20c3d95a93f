import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, renameSync, rmSync } from 'node:fs';

import { processStatus } from '../../../native-probe/proc/process.js';
import { openSocketPair } from '../../../native-probe/unix-socket.js';
import { peerOf } from '../../../src/index.js';
import { CgroupDirectory } from '../../helpers/machine/cgroup-directory.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Connected } from '../../helpers/peers/connected.js';
import { makeZombie, stoppableParent } from '../../helpers/peers/zombie.js';
import { findingIds, findingText, inspect } from '../../helpers/running/inspect.js';
import { waitFor } from '../../helpers/wait-for.js';

describe('findings about the process', () => {
  it('zombie: the parent has not waited, so the number is not free', async function () {
    requirePrograms(this, 'perl');
    await using both = await Connected.start({ client: { wrapper: stoppableParent } });
    {
      using _zombie = await makeZombie(both.client);
      const document = await inspect(both.accepted);
      assert.equal(document.verdict, 'pinned');
      assert.equal(document.byPidfd?.pid, both.client.ownPid);
      assert.equal(document.byPidfd.state, 'zombie');
      assert.deepEqual(document.byPidfd.exitStatus, { signal: 'SIGKILL', coreDumped: false });
      assert.match(document.text, /has ended, but its parent has not waited/);
      assert.deepEqual(findingIds(document), ['zombie']);
    }
    await both.client.exit();
    const reaped = await inspect(both.accepted);
    assert.equal(reaped.verdict, 'exited');
    assert.deepEqual(reaped.byPidfd?.exitStatus, { signal: 'SIGKILL', coreDumped: false });
    assert.deepEqual(findingIds(reaped), []);
  });

  it('executable-deleted and executable-replaced: the file that runs is not the one at its path', async () => {
    using directory = new TemporaryDirectory();
    const copy = directory.file('node');
    copyFileSync(process.execPath, copy);
    chmodSync(copy, 0o755);
    await using both = await Connected.start({ client: { node: copy } });
    const present = await inspect(both.accepted);
    assert.equal(present.byPidfd?.exe, copy);
    assert.deepEqual(findingIds(present), []);

    rmSync(copy);
    const deleted = await inspect(both.accepted);
    assert.equal(deleted.verdict, 'pinned');
    assert.equal(deleted.byPidfd?.exe, copy);
    assert.deepEqual(findingIds(deleted), ['executable-deleted']);
    assert.ok(findingText(deleted, 'executable-deleted').includes(`${copy}, has been deleted since it started`));

    copyFileSync('/bin/sh', directory.file('upgrade'));
    renameSync(directory.file('upgrade'), copy);
    const replaced = await inspect(both.accepted);
    assert.equal(replaced.byPidfd?.exe, copy);
    assert.deepEqual(findingIds(replaced), ['executable-replaced']);
    assert.ok(findingText(replaced, 'executable-replaced').includes(`the one at ${copy}`));
  });

  it('not executable-deleted: a file whose name ends so', async () => {
    using directory = new TemporaryDirectory();
    const copy = directory.file('node (deleted)');
    copyFileSync(process.execPath, copy);
    chmodSync(copy, 0o755);
    await using both = await Connected.start({ client: { node: copy } });
    const document = await inspect(both.accepted);
    assert.equal(document.byPidfd?.exe, copy);
    assert.deepEqual(findingIds(document), []);
  });

  it('executable-deleted: a file that is named as the mark beside it hides nothing', async () => {
    using directory = new TemporaryDirectory();
    const copy = directory.file('node');
    copyFileSync(process.execPath, copy);
    chmodSync(copy, 0o755);
    await using both = await Connected.start({ client: { node: copy } });
    rmSync(copy);
    copyFileSync('/bin/sh', `${copy} (deleted)`);
    const document = await inspect(both.accepted);
    assert.equal(document.byPidfd?.exe, copy);
    assert.deepEqual(findingIds(document), ['executable-deleted']);
  });

  it("unit and user unit: what a user's own systemd calls a service is not a unit of the system", async function () {
    using cgroup = CgroupDirectory.make(this, 'user@1000.service/app.slice/polkit.service');
    await using both = await Connected.start();
    cgroup.add(both.client.pid);
    const document = await inspect(both.accepted);
    assert.equal(document.byPidfd?.cgroup, cgroup.path);
    assert.equal(document.byPidfd.unit, 'user@1000.service');
    assert.equal(document.byPidfd.userUnit, 'polkit.service');
  });

  it('traced: by whom, while it is', async function () {
    requirePrograms(this, 'strace');
    await using both = await Connected.start();
    const { pid } = both.client;
    const tracer = spawn('strace', ['-e', 'trace=none', '-o', '/dev/null', '-p', String(pid)], { stdio: 'ignore' });
    const ended = once(tracer, 'exit');
    try {
      await waitFor('it is traced', () => processStatus(pid).tracer !== 0);
      const document = await inspect(both.accepted);
      assert.equal(document.verdict, 'pinned');
      assert.equal(document.byPidfd?.tracerPid, tracer.pid);
      assert.deepEqual(findingIds(document), ['traced']);
      assert.ok(findingText(document, 'traced').startsWith(`Process ${tracer.pid ?? 0} traces it`));
    } finally {
      tracer.kill();
      await ended;
    }
    assert.deepEqual(findingIds(await inspect(both.accepted)), []);
  });

  it('self: a socketpair of our own', async () => {
    const [one, other] = openSocketPair('stream');
    using ours = one;
    using _theirs = other;
    using peer = peerOf(ours.number);
    assert.equal(peer.verdict, 'pinned');
    const document = await peer.describe();
    assert.equal(document.byPidfd?.pid, process.pid);
    assert.deepEqual(findingIds(document), ['self']);
    assert.ok(peer.believed);
    assert.ok(peer.isAlive());
  });
});
