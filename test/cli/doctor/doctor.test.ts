import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { constants, hostname, release } from 'node:os';

import { uapi } from '../../../native-probe/uapi.js';
import { diagnose } from '../../../src/doctor/diagnose.js';
import { rows } from '../../../src/doctor/rows.js';
import { isAtLeast, kernelNumbers } from '../../../src/doctor/version.js';
import type { Ability, DoctorDocument } from '../../../src/document/doctor-document.js';
import { Witness } from '../../../src/words/evidence.js';
import { repositoryPath } from '../../helpers/pages.js';
import { childrenOf } from '../../helpers/machine/connections.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { refusing } from '../../helpers/machine/seccomp.js';
import { type RunOptions, runPeerpid } from '../../helpers/running/run-peerpid.js';
import { runInTerminal } from '../../helpers/running/terminal.js';
import { waitFor } from '../../helpers/wait-for.js';

/** Whether verdicts can be had on this kernel. */
function kernelIsAtLeast(version: string): boolean {
  return isAtLeast(kernelNumbers(release()), kernelNumbers(version));
}

const withPidfds = kernelIsAtLeast('6.5');

const asNobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];

async function doctor(
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<{ document: DoctorDocument; status: number | null }> {
  const { stdout, stderr, status } = await runPeerpid(['doctor', '--json', ...args], options);
  assert.equal(stderr, '');
  return { document: JSON.parse(stdout) as DoctorDocument, status };
}

function abilityOf({ rows: tried }: DoctorDocument, id: string): Ability | undefined {
  return tried.find((row) => row.id === id)?.ability;
}

/** What a kernel has for everybody, from some version on. */
const ofKernel = [
  'so-peercred',
  'so-peergroups',
  'so-peerpidfd',
  'reaped-peer',
  'pidfd-open',
  'pidfd-ids',
  'pidfd-info',
  'exit-status',
  'namespace-ioctls',
  'scm-credentials',
  'scm-pidfd',
  'reaped-sender',
  'so-passrights',
  'unix-diag',
  'pidfd-getfd',
  'proc',
  'proc-fdinfo',
];

describe('peerpid doctor', () => {
  it('tells which environment variables bring other code in, by name alone', async () => {
    const bare = await doctor(['environment'], { wrapper: ['env', '-u', 'NODE_OPTIONS', '-u', 'NODE_PATH'] });
    assert.deepEqual([bare.status, abilityOf(bare.document, 'environment')], [0, 'works']);
    const wrapper = ['env', 'NODE_OPTIONS=--no-deprecation', 'NODE_PATH=/nonexistent', 'LD_PRELOAD='];
    const { status, document } = await doctor(['environment'], { wrapper });
    assert.equal(status, 4);
    const [row] = document.rows;
    assert.equal(row?.ability, 'does-not');
    assert.match(row.detail, /^NODE_OPTIONS is set: [^.]+\. NODE_PATH is set: [^.]+\.$/);
    assert.equal(row.fix, '`env -u NODE_OPTIONS -u NODE_PATH peerpid doctor`.');
    assert.doesNotMatch(JSON.stringify(document), /no-deprecation|nonexistent/);
    const audited = await runPeerpid(['doctor', '--json', 'environment'], {
      wrapper: ['env', 'LD_AUDIT=/nonexistent'],
    });
    assert.equal(abilityOf(JSON.parse(audited.stdout) as DoctorDocument, 'environment'), 'does-not');
  });

  for (const [who, wrapper] of [
    ['us', []],
    ['nobody', asNobody],
  ] as const) {
    it(`as ${who}: what it tries works from the version on that it tells, and no earlier`, async function () {
      if (who === 'nobody') {
        requirePrograms(this, 'setpriv');
        requireThat(this, isRoot, 'only root can become nobody');
      }
      const { document, status } = await doctor([], { wrapper });
      for (const id of ofKernel) {
        const row = document.rows.find((one) => one.id === id);
        assert.ok(row);
        const expected = row.since !== undefined && !kernelIsAtLeast(row.since) ? 'does-not' : 'works';
        assert.equal(row.ability, expected, `${id}: ${row.detail}`);
        if (expected === 'does-not') assert.equal(row.fix, `Linux ${row.since ?? ''} or newer.`);
      }
      assert.equal(status, withPidfds ? 0 : 4);
      assert.equal(document.verdicts?.possible, status === 0);
      assert.equal(document.user.uid, who === 'nobody' ? 65534 : process.geteuid?.());
    });
  }

  it('tells each row once, and what is missing only of what does not work', async () => {
    const { document } = await doctor();
    const ids = document.rows.map(({ id }) => id);
    assert.deepEqual(
      ids,
      rows.map(({ id }) => id),
    );
    for (const { id, ability, without, fix } of document.rows) {
      assert.equal(without === undefined, ability === 'works', id);
      if (ability === 'works') assert.equal(fix, undefined, id);
    }
  });

  it('tries single rows alone, in their order, and its status is theirs', async () => {
    const { document, status } = await doctor(['pidfd-open', 'so-peercred']);
    assert.deepEqual(
      document.rows.map(({ id, ability }) => [id, ability]),
      [
        ['so-peercred', 'works'],
        ['pidfd-open', 'works'],
      ],
    );
    assert.equal(status, 0);
    assert.equal(document.verdicts, undefined);
    assert.deepEqual(document.services, []);
  });

  it('says which rows there are when one is not', async () => {
    const { stdout, stderr, status } = await runPeerpid(['doctor', 'so-peerpidfd', 'no-such-row']);
    assert.equal(stdout, '');
    assert.match(stderr, /^peerpid: there is no row no-such-row\n {2}hint: .*so-peerpidfd/);
    assert.equal(status, 2);
  });

  it('takes JSON or Markdown, not both', async () => {
    const { status } = await runPeerpid(['doctor', '--markdown', '--json']);
    assert.equal(status, 2);
  });

  it('never tells the name of the host', async function () {
    requirePrograms(this, 'unshare', 'hostname');
    requireThat(this, isRoot, 'only root can give a host a name');
    const name = 'host-with-a-secret-name';
    const wrapper = ['unshare', '--uts', 'sh', '-c', 'hostname "$0" && exec "$@"', name];
    for (const args of [[], ['--markdown'], ['--json'], ['--explain']]) {
      const { stdout, stderr } = await runPeerpid(['doctor', ...args], { wrapper });
      assert.ok(stdout.includes('so-peerpidfd'));
      assert.ok(!(stdout + stderr).includes(name) && !stdout.includes(`${hostname()}.`), args.join(' '));
    }
  });

  it('is a table in Markdown, of which each line has all its cells', async () => {
    const { stdout } = await runPeerpid(['doctor', '--markdown']);
    const lines = stdout.split('\n').filter((line) => line.startsWith('|'));
    assert.ok(lines.length > rows.length);
    const main = lines.slice(0, rows.length + 2);
    for (const line of main) assert.equal(line.replace(/\\\|/g, '').split('|').length, 6, line);
  });

  for (const width of [60, 80, 200]) {
    it(`fits a terminal of ${width} columns`, async function () {
      requirePrograms(this, 'tmux');
      const { lines } = await runInTerminal(width, ['doctor']);
      for (const line of lines) assert.ok(line.length <= width, line);
      assert.ok(lines.some((line) => line.includes('so-peerpidfd')));
    });
  }

  it('shows what is done, and what came of it', async () => {
    const { stderr } = await runPeerpid(['doctor', '--explain', 'so-peercred']);
    assert.match(stderr, /^getsockopt\(SO_PEERCRED\) on .* = works\n {4}-> /);
  });

  it('leaves no child, no descriptor and no socket behind', async () => {
    const fds = async (): Promise<string[]> => {
      // On a busy machine one that closes something stays for a moment: closing-elsewhere.ts
      await waitFor('no child is left', () => childrenOf(process.pid).length === 0);
      return readdirSync('/proc/self/fd');
    };
    await diagnose('0', [], { objects: repositoryPath('native-probe/bpf') }, Witness.silent());
    const before = await fds();
    for (let time = 0; time < 5; time++)
      await diagnose('0', [], { objects: repositoryPath('native-probe/bpf') }, Witness.silent());
    assert.deepEqual(await fds(), before);
    // To detach what trace attaches takes the kernel seconds each time, on a busy machine
  }).timeout(90_000);
});

describe('peerpid doctor elsewhere', () => {
  it('in another PID namespace without its /proc: says so, and the rest works', async function () {
    requirePrograms(this, 'unshare');
    requireThat(this, isRoot, 'only root can make a PID namespace without more');
    const { document, status } = await doctor([], { wrapper: ['unshare', '--pid', '--fork'] });
    assert.equal(abilityOf(document, 'proc'), 'does-not');
    assert.match(document.rows.find(({ id }) => id === 'proc')?.detail ?? '', /another PID namespace/);
    assert.equal(abilityOf(document, 'pidfd-open'), 'works');
    assert.equal(status, withPidfds ? 0 : 4);
  });

  it('without /proc: says so, and the rest works', async function () {
    requirePrograms(this, 'unshare');
    requireThat(this, isRoot, 'only root can hide /proc');
    const wrapper = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh'];
    const { document, status } = await doctor([], { wrapper });
    assert.equal(abilityOf(document, 'proc'), 'does-not');
    assert.equal(abilityOf(document, 'proc-fdinfo'), 'does-not');
    assert.equal(abilityOf(document, 'pidfd-open'), 'works');
    assert.equal(document.user.seccomp, undefined);
    const { stdout } = await runPeerpid(['doctor', 'proc', 'proc-fdinfo', 'cgroup'], { wrapper });
    const refusals = stdout.replaceAll(/\s+/g, ' ').match(/\(open \/proc\/self\/[^)]*\)\)/g) ?? [];
    assert.equal(refusals.length, 2, stdout);
    for (const one of refusals) assert.match(one, /: no such file or directory \(ENOENT\)\)$/);
    assert.match(stdout, /^peerpid .*, as root \(capabilities not known, as \/proc does not say\)\n/);
    assert.equal(status, withPidfds ? 0 : 4);
  });

  it('with hidepid, for a user: says so, and advises nothing that shows all processes to everybody', async function () {
    requirePrograms(this, 'unshare', 'setpriv');
    requireThat(this, isRoot, 'only root can mount /proc with hidepid');
    const script = 'mount -t proc -o hidepid=2 proc /proc && exec "$@"';
    const wrapper = ['unshare', '--mount', '--pid', '--fork', 'sh', '-c', script, 'sh', ...asNobody];
    const { document } = await doctor(['proc-hidepid'], { wrapper });
    assert.equal(abilityOf(document, 'proc-hidepid'), 'may-not');
    assert.match(
      document.rows[0]?.fix ?? '',
      /^Run it as root, or as a member of the group that its mount option gid= names/,
    );
  });

  it('tells nothing of a parent that /proc does not show', async function () {
    requirePrograms(this, 'unshare');
    requireThat(this, isRoot, 'only root can make a PID namespace without more');
    // Its parent lives outside
    const wrapper = ['unshare', '--pid', '--fork', '--mount-proc'];
    const { document } = await doctor(['ptrace-scope'], { wrapper });
    const [row] = document.rows;
    assert.deepEqual([row?.ability, row?.error?.code], ['not-tried', 'ENOENT']);
    assert.match(row?.detail ?? '', /^We cannot see whose process our parent is/);
  });

  it('as root of a user namespace: works', async function () {
    requirePrograms(this, 'unshare');
    const { status } = await doctor([], { wrapper: ['unshare', '--user', '--map-root-user'] });
    assert.equal(status, withPidfds ? 0 : 4);
  });

  it('under a seccomp filter that refuses SO_PEERPIDFD: says so, and that no verdicts can be had', async function () {
    requirePrograms(this, 'python3');
    requireThat(this, isRoot, 'only root can set the filter of the test');
    const refused = { argument: 2, is: uapi.SO_PEERPIDFD };
    const { document, status } = await doctor([], { wrapper: refusing('getsockopt', constants.errno.EPERM, refused) });
    const row = document.rows.find(({ id }) => id === 'so-peerpidfd');
    assert.equal(row?.ability, 'may-not');
    assert.match(row.fix ?? '', /seccomp/);
    assert.equal(document.user.seccomp, true);
    assert.equal(document.verdicts?.possible, false);
    for (const { usesPidfds } of document.services) assert.notEqual(usesPidfds, 'yes');
    assert.equal(status, 4);
  });

  for (const call of ['connect', 'sendto'] as const) {
    it(`under a seccomp filter that refuses ${call}: does not wait for children that cannot, and says what was not tried`, async function () {
      requirePrograms(this, 'python3');
      requireThat(this, isRoot, 'only root can set the filter of the test');
      const { document } = await doctor([], { wrapper: refusing(call, constants.errno.EPERM) });
      const ids = call === 'connect' ? ['so-peercred', 'so-peerpidfd', 'reaped-peer'] : ['scm-pidfd', 'reaped-sender'];
      for (const id of ids) {
        const row = document.rows.find((one) => one.id === id);
        assert.equal(row?.ability, 'not-tried', id);
        assert.match(JSON.stringify(row), /in a child: [a-z ]+ \(ENOTCONN\)/);
      }
    });
  }

  it('where user namespaces are used up: says so, and which sysctl', async function () {
    requirePrograms(this, 'unshare');
    const script = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"';
    // The limit is the new user namespace's own
    const wrapper = ['unshare', '--user', '--map-root-user', 'sh', '-c', script, 'sh'];
    const { document } = await doctor(['user-namespaces'], { wrapper });
    assert.equal(abilityOf(document, 'user-namespaces'), 'may-not');
    const fix = document.rows[0]?.fix ?? '';
    assert.match(fix, /^Run `race` as root: user\.max_user_namespaces is 0\. `sysctl .*` would let every user/);
  });
});
