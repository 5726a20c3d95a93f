import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import { attach, attachedPrograms } from '../../../native-probe/bpf/bpf-attachment.js';
import { refuseAll, rewritePeerPid } from '../../../native-probe/bpf/bpf-instructions.js';
import { loadGetsockoptProgram, programInfo, programOfId } from '../../../native-probe/bpf/bpf-program.js';
import { CallingChild } from '../../../native-probe/calls/calling-child.js';
import { cgroup2Mount, ownCgroupDirectories } from '../../../native-probe/cgroup.js';
import { ConnectedChild } from '../../../native-probe/children/child-client.js';
import { OwnCgroup } from '../../../native-probe/own-cgroup.js';
import { peerCredential } from '../../../native-probe/peer-credential.js';
import { failedWith } from '../../../native-probe/syscall-error.js';
import { whyNoCgroupBpf } from '../../helpers/machine/cgroup-bpf.js';
import { neverLeft } from '../../helpers/machine/never-left.js';
import { requireThat } from '../../helpers/machine/requirements.js';
import { built } from '../../helpers/running/program-root.js';

const program = built('test/helpers/programs/own-cgroup.js');

type Keeper = ChildProcessByStdio<Writable, Readable, null>;

/** Has a process make a cgroup of its own, and keep it until its standard input ends. */
async function withKeeper(look: (keeper: Keeper, directory: string) => Promise<void>): Promise<void> {
  const keeper = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const [directory] = (await once(createInterface(keeper.stdout), 'line')) as [string];
    await look(keeper, directory);
  } finally {
    keeper.kill('SIGKILL');
  }
}

describe('a cgroup of our own', () => {
  let mount = '';

  before(function () {
    const reason = whyNoCgroupBpf();
    requireThat(this, reason === undefined, reason ?? '');
    mount = cgroup2Mount() ?? '';
  });

  it('takes a process in, and is removed with it inside', () => {
    using child = CallingChild.start([['pause']]);
    let directory: string;
    {
      using cgroup = OwnCgroup.make(mount, neverLeft, 'peerpid-test-');
      ({ directory } = cgroup);
      cgroup.take(child.pid);
      assert.equal(readFileSync(`${directory}/cgroup.procs`, 'utf8'), `${child.pid}\n`);
    }
    assert.ok(!existsSync(directory));
    assert.match(readFileSync(`/proc/${child.pid}/cgroup`, 'utf8'), /^0::\/$/m);
  });

  it('leaves neither descriptor nor directory where it cannot be made, or where something fails', () => {
    const descriptors = readdirSync('/proc/self/fd');
    let directory: string | undefined;
    assert.throws(
      () => OwnCgroup.make('/proc/no-such-directory', neverLeft),
      (error) => failedWith(error, 'ENOENT'),
    );
    assert.throws(() => {
      using cgroup = OwnCgroup.make(mount, neverLeft, 'peerpid-test-');
      ({ directory } = cgroup);
      cgroup.take(2 ** 22 + 1);
    }, /ESRCH/);
    assert.throws(() => loadGetsockoptProgram(refuseAll().subarray(8), 'no_verdict'), /R0 !read_ok|EACCES/);
    assert.deepEqual(readdirSync('/proc/self/fd'), descriptors);
    assert.ok(directory !== undefined && !existsSync(directory));
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
    it(`is removed before ${signal} ends us, and ${signal} does end us`, async () => {
      await withKeeper(async (keeper, directory) => {
        const ended = once(keeper, 'exit');
        keeper.kill(signal);
        // Ended at once, it would leave its cgroup behind
        keeper.stdin.end();
        assert.deepEqual(await ended, [null, signal]);
        assert.ok(!existsSync(directory));
      });
    });
  }

  it('has the programs that are attached to it, and those of the cgroups above are effective too', () => {
    using loaded = loadGetsockoptProgram(refuseAll(), 'a_name.of_15_by');
    const { id, name, loadedBy, type } = programInfo(loaded);
    assert.deepEqual([name, loadedBy], ['a_name.of_15_by', 0]);
    assert.deepEqual(programOfId(id), { id, name, loadedBy, type });
    using cgroup = OwnCgroup.make(mount, neverLeft, 'peerpid-test-');
    {
      using _attached = attach(loaded, cgroup.fd);
      assert.deepEqual(attachedPrograms(cgroup.fd, 'own'), [id]);
      using below = OwnCgroup.make(cgroup.directory, neverLeft, 'below-');
      assert.deepEqual(attachedPrograms(below.fd, 'own'), []);
      assert.deepEqual(attachedPrograms(below.fd, 'effective'), [id]);
    }
    assert.deepEqual(attachedPrograms(cgroup.fd, 'effective'), []);
  });

  it('makes what its client is accepted as go through the program, from when it is attached until it is detached', () => {
    using loaded = loadGetsockoptProgram(rewritePeerPid(process.pid), 'peerpid_test');
    using cgroup = OwnCgroup.make(mount, neverLeft, 'peerpid-test-');
    using client = ConnectedChild.connect({
      name: 'a client',
      before: (pid) => {
        cgroup.take(pid);
      },
    });
    assert.equal(readFileSync(`/proc/${client.child.pid}/comm`, 'utf8'), 'a client\n');
    const told = (): number | undefined => peerCredential(client.accepted)?.pid;
    assert.equal(told(), client.child.pid);
    {
      using _attached = attach(loaded, cgroup.fd);
      assert.equal(told(), process.pid);
    }
    assert.equal(told(), client.child.pid);
  });

  it('is not where we are: our own directories end at the mount', () => {
    const directories = ownCgroupDirectories();
    assert.equal(directories.at(-1), mount);
    const path = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '';
    assert.equal(directories[0], path === '/' ? mount : `${mount}${path}`);
  });
});
