import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, renameSync, rmSync } from 'node:fs';

import { refuseAll, rewritePeerPid } from '../../../native-probe/bpf/bpf-instructions.js';
import { processStatus } from '../../../native-probe/proc/process.js';
import { BpfCgroup, whyNoCgroupBpf } from '../../helpers/machine/cgroup-bpf.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Connected, freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { findingIds, findingText, type Row, scan } from '../../helpers/running/scan.js';
import { waitFor } from '../../helpers/wait-for.js';

/** What the service has of its client. */
async function accepted(both: Connected): Promise<Row> {
  return (await scan()).of(both.server, Number(both.accepted.split('/').at(-1)));
}

describe('findings about the process at the other end, in scan', () => {
  it('uid-changed and gid-changed: of whom the service still thinks', async function () {
    requireThat(this, isRoot, 'to change ids takes root');
    await using both = await Connected.start();
    await both.client.do('setgid', 1001);
    const group = await accepted(both);
    assert.deepEqual(findingIds(group), ['gid-changed']);
    await both.client.do('setuid', 1000);
    const row = await accepted(both);
    assert.deepEqual([row.credential?.uid, row.credential?.gid], [0, 0]);
    assert.deepEqual(findingIds(row), ['uid-changed', 'gid-changed']);
    assert.match(
      findingText(row, 'uid-changed'),
      /recorded at connect\(2\) is 0, and that of its first thread is 1000 now/,
    );
    const { stdout } = await runPeerpid(['scan', '--connections']);
    assert.match(stdout, new RegExp(`^pinned .* node ${both.client.pid} .* uid-changed, gid-changed$`, 'm'));
  });

  it('executable-deleted, and executable-replaced', async () => {
    using directory = new TemporaryDirectory();
    const copy = directory.file('node');
    copyFileSync(process.execPath, copy);
    chmodSync(copy, 0o755);
    await using both = await Connected.start({ client: { node: copy } });
    assert.deepEqual(findingIds(await accepted(both)), []);
    rmSync(copy);
    assert.deepEqual(findingIds(await accepted(both)), ['executable-deleted']);
    copyFileSync('/bin/sh', directory.file('upgrade'));
    renameSync(directory.file('upgrade'), copy);
    assert.deepEqual(findingIds(await accepted(both)), ['executable-replaced']);
  });

  it('traced: by whom, while it is', async function () {
    requirePrograms(this, 'strace');
    await using both = await Connected.start();
    const { pid } = both.client;
    const tracer = spawn('strace', ['-e', 'trace=none', '-o', '/dev/null', '-p', String(pid)], { stdio: 'ignore' });
    const ended = once(tracer, 'exit');
    try {
      await waitFor('it is traced', () => processStatus(pid).tracer !== 0);
      const row = await accepted(both);
      assert.deepEqual([row.verdict, findingIds(row)], ['pinned', ['traced']]);
      assert.ok(findingText(row, 'traced').startsWith(`Process ${tracer.pid ?? 0} traces it`));
    } finally {
      tracer.kill();
      await ended;
    }
    assert.deepEqual(findingIds(await accepted(both)), []);
  });

  describe('where a BPF program answers', () => {
    before(function () {
      const reason = whyNoCgroupBpf();
      requireThat(this, reason === undefined, reason ?? '');
    });

    /** An accepted socket belongs to the cgroup of the client. */
    function connectedIn(cgroup: BpfCgroup): Promise<Connected> {
      return Connected.start({
        prepare: (client) => {
          cgroup.take(client.pid);
          return Promise.resolve();
        },
      });
    }

    it('contradicted: it says another number than the pidfd', async () => {
      await using other = await Peer.start();
      using cgroup = BpfCgroup.with(rewritePeerPid(other.pid));
      await using both = await connectedIn(cgroup);
      const row = await accepted(both);
      assert.deepEqual([row.verdict, row.basis, row.credential?.pid], ['contradicted', 'pidfd', other.pid]);
      assert.deepEqual([row.byPid?.pid, row.byPidfd?.pid], [other.pid, both.client.pid]);
      assert.deepEqual([row.seenBy?.pid, row.seenBy?.verdict], [other.pid, 'contradicted']);
      const { stdout, status } = await runPeerpid(['scan', '--connections']);
      assert.equal(status, 3);
      assert.match(
        stdout.split('\n')[1] ?? '',
        new RegExp(`^contradicted .* client: PID ${other.pid} is given, PID \\d+ pinned`),
      );
    });

    it('credential-refused: it answers nothing, and the pidfd still names the peer', async () => {
      using cgroup = BpfCgroup.with(refuseAll());
      await using both = await connectedIn(cgroup);
      const row = await accepted(both);
      assert.deepEqual([row.verdict, row.credential, row.byPid], ['none', null, null]);
      assert.equal(row.byPidfd?.pid, both.client.pid);
      assert.equal(findingIds(row)[0], 'credential-refused');
      assert.equal(row.asks, undefined);
      assert.ok(row.unavailable.some(({ fact, code }) => fact === 'asks' && code === 'EPERM'));
    });
  });

  it('of a listener: its own process, of record', async function () {
    requireThat(this, isRoot, 'to change ids takes root');
    await using server = await Peer.start();
    const fd = await server.number('listen', freshName());
    await server.do('setuid', 1000);
    const row = (await scan()).of(server, fd);
    assert.deepEqual(findingIds(row), ['uid-changed', 'open-to-all']);
    assert.match(
      findingText(row, 'uid-changed'),
      /recorded at listen\(2\) is 0, and that of its first thread is 1000 now/,
    );
  });
});
