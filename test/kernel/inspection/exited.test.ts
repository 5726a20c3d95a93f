import assert from 'node:assert/strict';

import { cgroup2Mount } from '../../../native-probe/cgroup.js';
import type { InspectDocument } from '../../../src/document/inspect-document.js';
import { CgroupDirectory } from '../../helpers/machine/cgroup-directory.js';
import { requireKernel } from '../../helpers/machine/kernel-gives.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Connected, freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { findingIds, inspect, whyUnavailable } from '../../helpers/running/inspect.js';

function assertExited(document: InspectDocument, pid: number): void {
  assert.equal(document.verdict, 'exited');
  assert.equal(document.basis, 'pidfd');
  assert.equal(document.credential?.pid, pid);
  assert.equal(document.byPid, null);
  assert.equal(document.byPidfd?.state, 'exited');
  assert.equal(document.byPidfd.pid, undefined);
  assert.match(document.text, new RegExp(`nobody has PID ${pid} now`));
}

describe('verdict exited', () => {
  before(async function () {
    await requireKernel(this, 'a pidfd of a peer that is reaped');
  });

  it('names the exit status, and gives a reason for each fact that ended with the process', async () => {
    await using both = await Connected.start();
    const { byPidfd: before } = await inspect(both.accepted);
    await both.client.exit(7);
    const document = await inspect(both.accepted);
    assertExited(document, both.client.pid);
    assert.deepEqual(document.byPidfd?.exitStatus, { code: 7 });
    assert.equal(document.byPidfd.pidfdId, before?.pidfdId);
    const gone = Object.keys(before ?? {}).filter((fact) => !(fact in (document.byPidfd ?? {})));
    assert.ok(gone.includes('comm') && gone.includes('pid'));
    for (const fact of gone) assert.ok(whyUnavailable(document, `byPidfd.${fact}`), `no reason for ${fact}`);
    assert.deepEqual(findingIds(document), []);
  });

  it('names the signal', async () => {
    await using both = await Connected.start();
    await both.client.kill('SIGKILL');
    const document = await inspect(both.accepted);
    assertExited(document, both.client.pid);
    assert.deepEqual(document.byPidfd?.exitStatus, { signal: 'SIGKILL', coreDumped: false });
  });

  it('is of a listener whose socket others hold', async () => {
    const name = freshName();
    await using server = await Peer.start();
    const listener = await server.number('listen', name);
    const heir = await server.number('spawn', ['sleep', '60'], listener);
    try {
      await server.exit(3);
      const document = await inspect(name);
      assertExited(document, server.pid);
      assert.deepEqual(document.byPidfd?.exitStatus, { code: 3 });
      assert.deepEqual(
        document.holders?.map(({ pid }) => pid),
        [heir],
      );
      assert.deepEqual(findingIds(document), ['holder-differs']);
    } finally {
      process.kill(heir, 'SIGKILL');
    }
  });

  it('still names the unit by the cgroup id, as long as the cgroup is there', async function () {
    using cgroup = CgroupDirectory.make(this, 'demo.service');
    await using both = await Connected.start();
    cgroup.add(both.client.pid);
    const alive = await inspect(both.accepted);
    assert.equal(alive.byPidfd?.unit, 'demo.service');
    assert.equal(alive.byPidfd.cgroup, cgroup.path);

    await both.client.exit();
    const ended = await inspect(both.accepted);
    assertExited(ended, both.client.pid);
    assert.equal(ended.byPidfd?.unit, 'demo.service');
    assert.equal(ended.byPidfd.cgroup, cgroup.path);

    cgroup.remove();
    const removed = await inspect(both.accepted);
    assertExited(removed, both.client.pid);
    assert.equal(removed.byPidfd?.unit, undefined);
    assert.match(whyUnavailable(removed, 'byPidfd.cgroup') ?? '', /^cgroup \d+ is not below the cgroup2 mount/);
  });

  for (const [what, command] of [
    ['missing', 'true'],
    ['another file system', 'mkdir -p "$0"'],
  ] as const) {
    it(`is said all the same where a sandbox hides the cgroup tree: its place is ${what}`, async function () {
      const mount = cgroup2Mount() ?? '';
      requireThat(this, isRoot && mount !== '', 'hiding a mount takes root, and cgroup v2');
      requirePrograms(this, 'unshare', 'mount');
      const hide = `mount -t tmpfs none "\${0%/*}" && ${command} && exec "$@"`;
      await using both = await Connected.start();
      await both.client.exit();
      const document = await inspect(both.accepted, { wrapper: ['unshare', '--mount', 'sh', '-c', hide, mount] });
      assertExited(document, both.client.pid);
      assert.equal(document.byPidfd?.cgroup, undefined);
      assert.ok(whyUnavailable(document, 'byPidfd.cgroup'));
    });
  }
});
