import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';

import { setAttribute } from '../../helpers/machine/cgroup-attribute.js';
import { CgroupDirectory } from '../../helpers/machine/cgroup-directory.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Connected } from '../../helpers/peers/connected.js';
import { inspect, whyUnavailable } from '../../helpers/running/inspect.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

const [ours, theirs] = ['0123456789abcdef0123456789abcdef', 'f'.repeat(32)] as const;

describe('the invocation id of a unit', () => {
  it('is that of the unit and of nothing below, by either attribute, trusted first', async function () {
    requireThat(this, isRoot, 'trusted attributes need root');
    using cgroup = CgroupDirectory.make(this, 'app.service/inner.service');
    await using both = await Connected.start();
    cgroup.add(both.client.pid);
    const look = async (): Promise<string | null | undefined> => (await inspect(both.accepted)).byPidfd?.invocationId;

    setAttribute(this, `${cgroup.ofUnit}/inner.service`, 'trusted.invocation_id', theirs);
    assert.equal(await look(), null);
    setAttribute(this, cgroup.ofUnit, 'user.invocation_id', theirs);
    assert.equal(await look(), theirs);
    setAttribute(this, cgroup.ofUnit, 'trusted.invocation_id', ours);
    assert.equal(await look(), ours);

    const { stdout } = await runPeerpid(['inspect', '--long', both.accepted]);
    assert.match(stdout, new RegExp(`^invocation +${ours} += +${ours}$`, 'm'));
    const brief = await runPeerpid(['inspect', both.accepted]);
    assert.doesNotMatch(brief.stdout, /^invocation/m);
  });

  it('is by user.invocation_id for whoever may not read the trusted one', async function () {
    requireThat(this, isRoot, 'trusted attributes need root');
    requirePrograms(this, 'setpriv');
    using cgroup = CgroupDirectory.make(this, 'app.service');
    await using both = await Connected.start();
    cgroup.add(both.client.pid);
    setAttribute(this, cgroup.ofUnit, 'trusted.invocation_id', ours);
    setAttribute(this, cgroup.ofUnit, 'user.invocation_id', theirs);
    const wrapper = ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin'];
    assert.equal((await inspect(both.accepted, { wrapper })).byPidfd?.invocationId, theirs);
  });

  for (const [what, value] of [
    ['too long', `${ours}0`],
    ['too short', ours.slice(1)],
    ['empty', ''],
    ['no hexadecimal number', '\u001b[2J'.padEnd(32, 'x')],
    ['of 4,000 bytes', 'a'.repeat(4000)],
  ] as const) {
    it(`is none where the attribute is ${what}`, async function () {
      using cgroup = CgroupDirectory.make(this, 'app.service');
      await using both = await Connected.start();
      cgroup.add(both.client.pid);
      setAttribute(this, cgroup.ofUnit, 'user.invocation_id', value);
      assert.equal((await inspect(both.accepted)).byPidfd?.invocationId, null);
    });
  }

  it('is none in a cgroup that is of no unit', async function () {
    using cgroup = CgroupDirectory.make(this, 'made-by-hand');
    await using both = await Connected.start();
    cgroup.add(both.client.pid);
    setAttribute(this, cgroup.ofUnit, 'user.invocation_id', ours);
    const { byPidfd } = await inspect(both.accepted);
    assert.deepEqual([byPidfd?.cgroup, byPidfd?.unit, byPidfd?.invocationId], [cgroup.path, null, null]);
  });

  it('is that of systemd’s own tree of version 1, where the unit is in that alone', async function () {
    const [tree, slice] = ['/sys/fs/cgroup/systemd', `peerpid-test-${process.pid}-v1.slice`];
    requireThat(this, isRoot && existsSync(`${tree}/cgroup.procs`), 'needs a tree of version 1 of systemd');
    await using both = await Connected.start();
    const unit = `${tree}/${slice}/app.service`;
    mkdirSync(unit, { recursive: true });
    try {
      writeFileSync(`${unit}/cgroup.procs`, `${both.client.pid}`);
      setAttribute(this, unit, 'trusted.invocation_id', ours);
      const { byPidfd } = await inspect(both.accepted);
      assert.deepEqual([byPidfd?.slice, byPidfd?.unit, byPidfd?.invocationId], [slice, 'app.service', ours]);
    } finally {
      writeFileSync(`${tree}/cgroup.procs`, `${both.client.pid}`);
      rmdirSync(unit);
      rmdirSync(`${tree}/${slice}`);
    }
  });

  it('is not known where no mount shows the cgroup of the unit', async function () {
    requireThat(this, isRoot, 'mounting takes root');
    using cgroup = CgroupDirectory.make(this, 'app.service');
    await using both = await Connected.start();
    cgroup.add(both.client.pid);
    setAttribute(this, cgroup.ofUnit, 'user.invocation_id', ours);
    const wrapper = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /sys/fs/cgroup && exec "$@"', 'sh'];
    const document = await inspect(both.accepted, { wrapper });
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.byPidfd?.unit, 'app.service');
    assert.ok(!('invocationId' in document.byPidfd));
    assert.match(whyUnavailable(document, 'byPidfd.invocationId') ?? '', /no such file or directory \(ENOENT\)$/);
  });
}).timeout(60_000);
