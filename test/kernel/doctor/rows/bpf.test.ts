import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

import { instructionSize, refuseAll, rewritePeerPid } from '../../../../native-probe/bpf/bpf-instructions.js';
import { cgroup2Mount } from '../../../../native-probe/cgroup.js';
import { bpfRows } from '../../../../src/doctor/rows/bpf.js';
import type { DoctorDocument, DoctorRow } from '../../../../src/document/doctor-document.js';
import { leavingNothing } from '../../../helpers/machine/bpf-left-behind.js';
import { BpfCgroup, whyNoCgroupBpf } from '../../../helpers/machine/cgroup-bpf.js';
import { kernelGives } from '../../../helpers/machine/kernel-gives.js';
import { repositoryPath } from '../../../helpers/pages.js';
import { requirePrograms, requireThat } from '../../../helpers/machine/requirements.js';
import { refusing } from '../../../helpers/machine/seccomp.js';
import { placesOf, runInjected, whyNoStrace } from '../../../helpers/machine/strace.js';
import { runPeerpid } from '../../../helpers/running/run-peerpid.js';

const asNobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
const skips = 'bpf-skips-pidfd';
const above = 'bpf-above';

/** What doctor says of rows, by their id. */
function rowsIn(stdout: string): Map<string, DoctorRow> {
  return new Map((JSON.parse(stdout) as DoctorDocument).rows.map((row) => [row.id, row]));
}

interface Told {
  readonly status: number | null;
  row(id: string): DoctorRow;
}

/** Has doctor try both rows, or one of them. */
async function doctor(wrapper: readonly string[] = [], ids: readonly string[] = [skips, above]): Promise<Told> {
  const { stdout, status } = await runPeerpid(['doctor', ...ids, '--json'], { wrapper });
  const rows = rowsIn(stdout);
  return {
    status,
    row: (id) => {
      const row = rows.get(id);
      assert.ok(row, id);
      return row;
    },
  };
}

/** A command that runs another in a mount namespace of its own, after this shell command. */
function afterMounting(script: string, ...options: string[]): string[] {
  return ['unshare', '--mount', ...options, 'sh', '-c', `${script} && exec "$@"`, cgroup2Mount() ?? ''];
}

/** Sees its own cgroup as the root of the tree. */
const asInContainer = afterMounting('umount -l "$0" && mount -t cgroup2 none "$0"', '--cgroup');

/** A program that lets everything through. */
function passAll(): Buffer {
  const program = refuseAll();
  program.writeInt32LE(1, 4);
  return program;
}

/** A cgroup below another, for the time of its block. */
class CgroupBelow implements Disposable {
  readonly #directory: string;

  constructor(parent: BpfCgroup, name: string) {
    this.#directory = join(parent.directory, name);
    mkdirSync(this.#directory);
  }

  get wrapper(): string[] {
    return ['sh', '-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', this.#directory];
  }

  [Symbol.dispose](): void {
    rmdirSync(this.#directory);
  }
}

describe('doctor, where BPF programs are concerned', () => {
  before(function () {
    const reason = whyNoCgroupBpf();
    requireThat(this, reason === undefined, reason ?? '');
  });

  it('shows that SO_PEERCRED goes through a program and SO_PEERPIDFD does not, and leaves nothing', async () => {
    const told = await leavingNothing('peerpid_doctor', () => doctor());
    assert.equal(told.status, 0);
    assert.equal(told.row(skips).ability, 'works');
    assert.match(told.row(skips).detail, /still pins the client, while a program makes SO_PEERCRED say PID 4194305/);
    assert.equal(told.row(above).ability, 'works');
  });

  it('tries each row alone', async () => {
    for (const id of [skips, above]) {
      const told = await doctor([], [id]);
      assert.equal(told.row(id).ability, 'works');
      assert.equal(told.status, 0);
    }
  });

  it('leaves no descriptor and no listener for signals', async () => {
    const descriptors = readdirSync('/proc/self/fd');
    const listeners = process.listenerCount('SIGTERM');
    for (const row of bpfRows)
      assert.equal(row.try({ objects: repositoryPath('native-probe/bpf') }).ability, 'works', row.id);
    assert.deepEqual(readdirSync('/proc/self/fd'), descriptors);
    // Signals that came meanwhile are delivered first
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(process.listenerCount('SIGTERM'), listeners);
  });

  describe('below a program', () => {
    it('tells its name, its id and its cgroup, and how it is taken away', async () => {
      using cgroup = BpfCgroup.with(refuseAll(), 'someone.s_own');
      const told = await doctor(cgroup.wrapper);
      const { ability, detail, fix = '' } = told.row(above);
      assert.equal(ability, 'does-not');
      const id = /^Program someone\.s_own \(id (\d+), loaded by uid 0\) is attached to (\S+)\. /.exec(detail);
      assert.equal(id?.[2], cgroup.directory);
      assert.ok(fix.includes(`bpftool cgroup detach ${cgroup.directory} getsockopt id ${id[1] ?? ''}\``), fix);
      assert.equal(told.status, 4);
      // Its own cgroup is not below that one
      assert.equal(told.row(skips).ability, 'works');
    });

    it('sees that an id of SO_PEERCRED is rewritten, whose PID is right', async () => {
      // The uid in place of the pid: where the field ends, and what is written where
      const program = rewritePeerPid(54321);
      program.writeInt32LE(8, 7 * instructionSize + 4);
      program.writeInt16LE(4, 9 * instructionSize + 2);
      using cgroup = BpfCgroup.with(program);
      const told = (await doctor(cgroup.wrapper, ['so-peercred'])).row('so-peercred');
      assert.equal(told.ability, 'does-not');
      assert.match(
        told.detail,
        /^It says PID (\d+), uid 54321 and gid 0 of a test client that has PID \1, uid 0 and gid 0: /,
      );
    });

    it('finds it from a cgroup below, and in a cgroup namespace', async function () {
      requirePrograms(this, 'unshare');
      using cgroup = BpfCgroup.with(passAll(), 'above');
      using below = new CgroupBelow(cgroup, "it's $(here)");
      for (const inNamespace of [false, true]) {
        const wrapper = inNamespace ? [...below.wrapper, 'unshare', '--cgroup'] : below.wrapper;
        const { detail, fix } = (await doctor(wrapper, [above])).row(above);
        if (inNamespace && !(await kernelGives('ids (PIDFD_GET_INFO)'))) {
          // Before Linux 6.13 a cgroup namespace hides where it is
          assert.equal(detail, 'No cgroup v2 tree that is mounted here shows the cgroup of this process.');
          continue;
        }
        assert.ok(detail.startsWith('Program above (id '), detail);
        assert.ok(detail.includes(` is attached to ${cgroup.directory}. `), detail);
        assert.ok(fix?.includes(` ${cgroup.directory} `), fix);
      }
    });

    it('quotes the cgroup as a shell wants it, since others name it', async () => {
      using cgroup = BpfCgroup.with(refuseAll(), '', "peerpid-test-it's $(here)\u001b[31m");
      const { fix } = (await doctor(cgroup.wrapper, [above])).row(above);
      assert.ok(fix?.includes(` detach '${cgroup.directory.replace("'", "'\\''")}' getsockopt `), fix);
      const { stdout } = await runPeerpid(['doctor', above], { wrapper: cgroup.wrapper });
      assert.ok(!stdout.includes('\u001b'), stdout);
    });

    it('says of one that is out of sight that it is above, and that no other may come in between', async function () {
      requirePrograms(this, 'unshare', 'mount', 'umount');
      using cgroup = BpfCgroup.with(passAll(), 'of_the_host');
      using below = new CgroupBelow(cgroup, 'container');
      const told = await doctor([...below.wrapper, ...asInContainer]);
      assert.match(told.row(above).detail, /of_the_host .* is attached to a cgroup above those that are seen here/);
      assert.match(told.row(above).fix ?? '', /^Ask on the host/);
      const { ability, error, fix } = told.row(skips);
      assert.deepEqual([ability, error?.syscall, error?.code], ['may-not', 'bpf(BPF_PROG_ATTACH)', 'EPERM']);
      assert.match(fix ?? '', /bpf-above/);
    });

    it('does not conclude from a client whose PID is rewritten already', async function () {
      requirePrograms(this, 'unshare', 'mount', 'umount');
      using cgroup = BpfCgroup.with(rewritePeerPid(1));
      using below = new CgroupBelow(cgroup, 'container');
      const { ability, detail } = (await doctor([...below.wrapper, ...asInContainer], [skips])).row(skips);
      assert.equal(ability, 'not-tried');
      assert.match(detail, /SO_PEERCRED does not name the client/);
    });
  });

  it('says what it takes to somebody who may not', async function () {
    requirePrograms(this, 'setpriv');
    const told = await doctor(asNobody);
    for (const [id, syscall] of [
      [skips, 'bpf(BPF_PROG_LOAD)'],
      [above, 'bpf(BPF_PROG_QUERY)'],
    ] as const) {
      const { ability, error, fix } = told.row(id);
      assert.deepEqual([ability, error], ['may-not', { syscall, code: 'EPERM' }]);
      assert.match(fix ?? '', /CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN, in the initial user namespace/);
    }
    assert.equal(told.status, 4);
  });

  it('says the same in a user namespace, where root is not', async function () {
    requirePrograms(this, 'unshare');
    const told = await doctor(['unshare', '--user', '--map-root-user']);
    assert.deepEqual([told.row(skips).ability, told.row(above).ability], ['may-not', 'may-not']);
  });

  for (const [code, ability] of [
    ['EPERM', 'may-not'],
    ['ENOSYS', 'not-tried'],
    ['EINVAL', 'not-tried'],
  ] as const) {
    it(`is not deceived by a sandbox in which bpf(2) answers ${code}`, async function () {
      requirePrograms(this, 'python3');
      const told = await doctor(refusing('bpf', constants.errno[code]));
      for (const id of [skips, above]) {
        assert.equal(told.row(id).ability, ability, id);
        assert.equal(told.row(id).error?.code, code);
      }
    });
  }

  it('says where no cgroup may be made', async function () {
    requirePrograms(this, 'unshare', 'mount');
    const told = await doctor(afterMounting('mount -o remount,bind,ro "$0"'));
    const { ability, error, fix } = told.row(skips);
    assert.deepEqual([ability, error?.code], ['not-tried', 'EROFS']);
    assert.ok(fix?.includes(cgroup2Mount() ?? '?'), fix);
    assert.equal(told.row(above).ability, 'works');
    assert.equal(told.status, 1);
  });

  it('says where there is no cgroup v2 tree', async function () {
    requirePrograms(this, 'unshare', 'umount');
    const told = await doctor(afterMounting('umount -l "$0"'));
    for (const id of [skips, above]) {
      assert.equal(told.row(id).ability, 'not-tried', id);
      assert.match(told.row(id).fix ?? '', /mount -t cgroup2/);
    }
  });

  describe('on kernels that are not here', () => {
    before(function () {
      requirePrograms(this, 'strace');
      const reason = whyNoStrace();
      requireThat(this, reason === undefined, reason ?? '');
    });

    /** Answers SO_PEERPIDFD in the kernel's place. @param which - its questions, from the first to the last */
    async function answering(code: string, which: 'all' | 'last'): Promise<DoctorRow | undefined> {
      const args = ['doctor', skips, '--json'];
      const { calls } = await runInjected(args, ['getsockopt'], []);
      const places = placesOf(calls, 'getsockopt', /SO_PEERPIDFD|0x4d/);
      assert.equal(places.length, 2);
      const when = which === 'last' ? `${places[1] ?? 0}` : `${places[0] ?? 0}+`;
      const { stdout } = await leavingNothing('peerpid_doctor', () =>
        runInjected(args, ['getsockopt'], [`getsockopt:error=${code}:when=${when}`]),
      );
      return rowsIn(stdout).get(skips);
    }

    it('says that a program can refuse SO_PEERPIDFD, where it is obeyed', async () => {
      const row = await answering('EPERM', 'last');
      assert.equal(row?.ability, 'does-not');
      assert.match(row.detail, /^A program can refuse it\.$/);
      assert.deepEqual(row.error, { syscall: 'getsockopt(SO_PEERPIDFD)', code: 'EPERM' });
    });

    it('says that there is no SO_PEERPIDFD, with or without a program', async () => {
      const row = await answering('ENOPROTOOPT', 'all');
      assert.equal(row?.ability, 'does-not');
      assert.equal(row.error?.code, 'ENOPROTOOPT');
    });
  });
});
