import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, rmdirSync } from 'node:fs';
import { constants } from 'node:os';

import { rewritePeerPid } from '../../../native-probe/bpf/bpf-instructions.js';
import { cgroup2Mount } from '../../../native-probe/cgroup.js';
import { forgeExitStatus } from '../../../src/cli/exit-status.js';
import type { ForgeDocument } from '../../../src/document/forge-document.js';
import { forgeText } from '../../../src/output/race/forge-text.js';
import { plain } from '../../../src/output/style.js';
import { forge } from '../../../src/racing/forge.js';
import { leavingNothing } from '../../helpers/machine/bpf-left-behind.js';
import { BpfCgroup, whyNoCgroupBpf } from '../../helpers/machine/cgroup-bpf.js';
import { neverLeft } from '../../helpers/machine/never-left.js';
import { requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { refusing } from '../../helpers/machine/seccomp.js';
import { runInjected, whyNoStrace } from '../../helpers/machine/strace.js';
import type { ForgeOutcome } from '../../helpers/programs/forge.js';
import { violationsOf } from '../../helpers/running/json-schema.js';
import { built } from '../../helpers/running/program-root.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

const program = built('test/helpers/programs/forge.js');

function forgeIn(...wrapper: readonly string[]): ForgeOutcome {
  return JSON.parse(execFileSync('env', [...wrapper, process.execPath, program], { encoding: 'utf8' })) as ForgeOutcome;
}

/** A command that runs another in a mount namespace of its own, after this shell command. */
function afterMounting(script: string): string[] {
  return ['unshare', '--mount', 'sh', '-c', `${script} && exec "$@"`, cgroup2Mount() ?? ''];
}

describe('race --forge', () => {
  before(function () {
    const reason = whyNoCgroupBpf();
    requireThat(this, reason === undefined, reason ?? '');
  });

  it('has a service believe a forged PID, and not the pidfd, and leaves nothing', async () => {
    const { document } = await leavingNothing('peerpid_forge', () => forgeIn());
    assert.ok(document);
    const { client, trusted, before, after, program: loaded } = document;
    assert.notEqual(client.pid, trusted.pid);
    assert.deepEqual([loaded.name, loaded.instructions], ['peerpid_forge', 14]);

    assert.equal(before.inspection.verdict, 'pinned');
    assert.equal(before.inspection.credential?.pid, client.pid);
    assert.equal(before.inspection.byPid?.comm, 'client');
    assert.deepEqual([before.trustsPid, before.trustsPidfd], [false, false]);

    assert.equal(after.inspection.verdict, 'contradicted');
    assert.equal(after.inspection.credential?.pid, trusted.pid);
    assert.equal(after.inspection.byPid?.comm, 'trusted');
    assert.equal(after.inspection.byPid.pidfdId, trusted.pidfdId);
    assert.equal(after.inspection.byPidfd?.pid, client.pid);
    assert.equal(after.inspection.byPidfd.pidfdId, client.pidfdId);
    assert.deepEqual([after.trustsPid, after.trustsPidfd], [true, false]);
    assert.ok(after.inspection.evidence?.some(({ call }) => call.includes('SO_PEERPIDFD')));

    assert.equal(forgeExitStatus(document), 0);
    for (const { pid } of [client, trusted]) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    assert.ok(!existsSync(loaded.cgroup));
  });

  it('is as its JSON Schema says', () => {
    assert.equal(violationsOf('forge', forge(neverLeft)), undefined);
  });

  it('tells its steps, and where PID and pidfd differ, in 80 columns', () => {
    const document = forge(neverLeft);
    const text = forgeText(document, { ...plain, width: 80 });
    const [client, trusted] = [`${document.client.pid}`, `${document.trusted.pid}`];
    assert.ok(text.split('\n').every((line) => line.length <= 80));
    assert.match(text, new RegExp(`^   pid +${client} +${client}$`, 'm'));
    assert.match(text, new RegExp(`^   pid +${trusted} +≠ ${client}$`, 'm'));
    assert.match(text, /^ {3}command +trusted +≠ client$/m);
    assert.match(text, /^ {3}the service +lets it in +≠ turns it away$/m);
    assert.match(text, new RegExp(`^CONTRADICTED  SO_PEERCRED says PID ${trusted}, but `, 'm'));
  });

  for (const args of [
    ['race', '--forge', '--json'],
    ['doctor', 'bpf-skips-pidfd', '--json'],
  ]) {
    it(`${args.slice(0, 2).join(' ')} says which cgroup it could not remove, and what was seen nevertheless`, async function () {
      const why = whyNoStrace();
      requireThat(this, why === undefined, why ?? '');
      const { status, stdout, stderr } = await runInjected(args, ['rmdir'], ['rmdir:error=EPERM']);
      const said = `${stdout}${stderr}`;
      const [, left = ''] = /cgroup (\/\S+\/peerpid-\w+) could not be removed \(EPERM\)/.exec(said) ?? [];
      assert.ok(existsSync(left), said);
      rmdirSync(left);
      assert.equal(status, 0);
      assert.doesNotThrow(() => JSON.parse(stdout));
    });
  }

  it('judges by what was seen: believed by pidfd or pinned would be a failure', () => {
    const document = forge(neverLeft);
    const { after } = document;
    const ending = (changed: Partial<typeof after>): number =>
      forgeExitStatus({ ...document, after: { ...after, ...changed } });
    assert.equal(ending({ trustsPidfd: true }), 3);
    assert.equal(ending({ inspection: { ...after.inspection, verdict: 'pinned' } }), 3);
    assert.equal(ending({ inspection: { ...after.inspection, verdict: 'unpinned' } }), 4);
  });

  it('is a command: text, JSON and the steps, and no rounds of it', async () => {
    const told = await runPeerpid(['race', '--forge']);
    assert.match(told.stdout, /^CONTRADICTED {2}SO_PEERCRED says PID \d+, but /m);
    assert.deepEqual([told.stderr, told.status], ['', 0]);
    const { stdout, status } = await runPeerpid(['race', '--forge', '--json']);
    assert.equal((JSON.parse(stdout) as ForgeDocument).after.trustsPid, true);
    assert.equal(status, 0);
    const { stderr } = await runPeerpid(['race', '--forge', '--explain']);
    assert.equal(stderr.match(/SO_PEERPIDFD\) = /g)?.length, 2);
    assert.equal((await runPeerpid(['race', '--forge', '--rounds', '2'])).status, 2);
  });

  it('is a command that says so in a line where it is not possible', async function () {
    requirePrograms(this, 'setpriv');
    const wrapper = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
    const { stdout, stderr, status } = await runPeerpid(['race', '--forge'], { wrapper });
    assert.deepEqual([stdout, status], ['', 4]);
    assert.match(
      stderr,
      /^peerpid: SO_PEERCRED cannot be forged here \(bpf\(BPF_PROG_LOAD\): EPERM\)\n {2}hint: .*root/,
    );
  });

  describe('where it is not possible', () => {
    function assertImpossible({ problem }: ForgeOutcome, code: string): void {
      assert.deepEqual([problem?.code, problem?.exitStatus], [code, 4]);
      assert.match(problem?.message ?? '', /^[^\n]+$/);
      assert.match(problem?.hint ?? '', /peerpid doctor bpf-/);
    }

    it('says so to somebody who is not root', function () {
      requirePrograms(this, 'setpriv');
      assertImpossible(forgeIn('setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'), 'EPERM');
    });

    it('says so where a sandbox has no bpf(2)', function () {
      requirePrograms(this, 'python3');
      assertImpossible(forgeIn(...refusing('bpf', constants.errno.ENOSYS)), 'ENOSYS');
    });

    it('says so where no cgroup may be made, and where there is no tree', function () {
      requirePrograms(this, 'unshare', 'mount', 'umount');
      assertImpossible(forgeIn(...afterMounting('mount -o remount,bind,ro "$0"')), 'EROFS');
      assertImpossible(forgeIn(...afterMounting('umount -l "$0"')), 'NO_CGROUP2');
    });

    it('says so where SO_PEERCRED is forged already', function () {
      requirePrograms(this, 'unshare', 'mount', 'umount');
      using cgroup = BpfCgroup.with(rewritePeerPid(1));
      const mounting = [
        'unshare',
        '--mount',
        '--cgroup',
        'sh',
        '-c',
        'umount -l "$0" && mount -t cgroup2 none "$0" && exec "$@"',
      ];
      assertImpossible(forgeIn(...cgroup.wrapper, ...mounting, cgroup2Mount() ?? ''), 'ALREADY_FORGED');
    });
  });
});
