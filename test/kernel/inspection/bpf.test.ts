import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

import { refuseAll, rewritePeerPid } from '../../../native-probe/bpf/bpf-instructions.js';
import type { InspectDocument } from '../../../src/document/inspect-document.js';
import { BpfCgroup, whyNoCgroupBpf } from '../../helpers/machine/cgroup-bpf.js';
import { requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Listening } from '../../helpers/running/listening.js';
import { type Running, runPeerpid } from '../../helpers/running/run-peerpid.js';

type Told = Pick<InspectDocument, 'verdict' | 'basis' | 'credential' | 'byPid' | 'byPidfd' | 'findings' | 'socket'>;

/** Inspects a listener outside the cgroup by a peerpid inside it: a client's socket belongs to its own cgroup. */
async function inspectInside(cgroup: BpfCgroup): Promise<{ told: Told; server: number; status: number | null }> {
  using directory = new TemporaryDirectory();
  await using server = await Peer.start();
  await server.do('listen', directory.file('socket'));
  const run = await runPeerpid(['inspect', '--json', '--connect', directory.file('socket')], {
    wrapper: cgroup.wrapper,
  });
  return { told: JSON.parse(run.stdout) as InspectDocument, server: server.pid, status: run.status };
}

/** Has a client inside the cgroup connect to a `listen` outside: an accepted socket belongs to the client's cgroup. */
async function listenOutside(cgroup: BpfCgroup): Promise<{ told: Told; client: number; status: number | null }> {
  using directory = new TemporaryDirectory();
  await using listening = await Listening.start(['--once', directory.file('socket')]);
  await using client = await Peer.start();
  cgroup.take(client.pid);
  await client.do('connect', directory.file('socket'));
  const told = await listening.next('connection');
  await client.exit();
  await listening.next('summary');
  return { told, client: client.pid, status: await exitStatus(listening.child) };
}

async function exitStatus(child: Running): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

/** A number beyond any that the kernel gives. */
function freePid(): number {
  return Number(readFileSync('/proc/sys/kernel/pid_max', 'utf8')) + 1;
}

describe('a BPF program on getsockopt(2)', () => {
  before(function () {
    const reason = whyNoCgroupBpf();
    requireThat(this, reason === undefined, reason ?? '');
  });

  describe('that writes the pid of another process', () => {
    it('is contradicted by the pidfd in inspect', async () => {
      await using other = await Peer.start();
      using cgroup = BpfCgroup.with(rewritePeerPid(other.pid));
      const { told, server, status } = await inspectInside(cgroup);
      assert.equal(told.verdict, 'contradicted');
      assert.equal(told.basis, 'pidfd');
      assert.equal(told.credential?.pid, other.pid);
      assert.equal(told.byPid?.pid, other.pid);
      assert.equal(told.byPidfd?.pid, server);
      assert.notEqual(told.byPid.pidfdId, told.byPidfd.pidfdId);
      assert.equal(status, 3);
    });

    it('is contradicted by the pidfd in listen', async () => {
      await using other = await Peer.start();
      using cgroup = BpfCgroup.with(rewritePeerPid(other.pid));
      const { told, client, status } = await listenOutside(cgroup);
      assert.equal(told.verdict, 'contradicted');
      assert.equal(told.byPid?.pid, other.pid);
      assert.equal(told.byPidfd?.pid, client);
      assert.equal(status, 3);
    });
  });

  for (const [what, pid] of [
    ['a pid that nobody has', freePid],
    ['pid 0', () => 0],
    ['a negative pid', () => -1],
  ] as const) {
    it(`that writes ${what} is contradicted by the pidfd`, async () => {
      using cgroup = BpfCgroup.with(rewritePeerPid(pid()));
      const { told, server, status } = await inspectInside(cgroup);
      assert.equal(told.verdict, 'contradicted');
      assert.equal(told.credential?.pid, pid());
      assert.equal(told.byPid, null);
      assert.equal(told.byPidfd?.pid, server);
      assert.equal(status, 3);
    });
  }

  describe('that refuses every question', () => {
    function assertRefused(told: Told, peer: number): void {
      assert.equal(told.verdict, 'none');
      assert.equal(told.credential, null);
      assert.equal(told.byPid, null);
      assert.equal(told.byPidfd?.pid, peer);
      assert.equal(told.socket.type, 'stream');
      assert.deepEqual(
        told.findings.filter(({ severity }) => severity === 'danger').map(({ id }) => id),
        ['credential-refused'],
      );
    }

    it('leaves the pidfd to inspect', async () => {
      using cgroup = BpfCgroup.with(refuseAll());
      const { told, server, status } = await inspectInside(cgroup);
      assertRefused(told, server);
      assert.equal(told.socket.state, 'listening');
      assert.equal(status, 3);
    });

    it('leaves the pidfd to listen, which goes on', async () => {
      using cgroup = BpfCgroup.with(refuseAll());
      const { told, client, status } = await listenOutside(cgroup);
      assertRefused(told, client);
      assert.equal(told.socket.state, 'connected');
      assert.equal(status, 3);
    });

    it('does not keep listen from listening inside the cgroup', async () => {
      using directory = new TemporaryDirectory();
      using cgroup = BpfCgroup.with(refuseAll());
      await using listening = await Listening.start([directory.file('socket')], { wrapper: cgroup.wrapper });
      await using client = await Peer.start();
      await client.do('connect', directory.file('socket'));
      assert.equal((await listening.next('connection')).verdict, 'pinned');
    });

    it('leaves the type and the pidfd of a descriptor to inspect', async () => {
      using directory = new TemporaryDirectory();
      using cgroup = BpfCgroup.with(refuseAll());
      await using server = await Peer.start();
      await server.do('listen', directory.file('socket'), 'seqpacket');
      await using client = await Peer.start();
      cgroup.take(client.pid);
      const fd = await client.number('connect', directory.file('socket'), 'seqpacket');
      const { status, stdout } = await runPeerpid(['inspect', '--json', `/proc/${client.pid}/fd/${fd}`]);
      const told = JSON.parse(stdout) as InspectDocument;
      assert.equal(told.byPidfd?.pid, server.pid);
      assert.deepEqual([told.socket.type, told.socket.state], ['seqpacket', 'connected']);
      assert.equal(status, 3);
    });
  });
});
