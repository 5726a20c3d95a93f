import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';

import type { InspectDocument } from '../../../src/document/inspect-document.js';
import type { ProcessDocument } from '../../../src/document/process-document.js';
import { kernelGives } from '../../helpers/machine/kernel-gives.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Listening } from '../../helpers/running/listening.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

const withoutProc = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh'];

async function inspect(target: string, wrapper: readonly string[]): Promise<[InspectDocument, number | null]> {
  const { stdout, status } = await runPeerpid(['inspect', '--json', target], { wrapper });
  return [JSON.parse(stdout) as InspectDocument, status];
}

function assertFinding(document: InspectDocument, id: string, pattern: RegExp): void {
  assert.match(document.findings.find((finding) => finding.id === id)?.text ?? `no finding ${id}`, pattern);
}

/** Nothing of /proc is said of a process, and each missing fact has its reason. */
async function assertNotRead(
  { unavailable }: InspectDocument,
  process: ProcessDocument | null,
  column: string,
): Promise<void> {
  assert.deepEqual([process?.comm, process?.exe], [undefined, undefined]);
  const isMissing = (fact: string): boolean => unavailable.some((row) => row.fact === `${column}.${fact}`);
  assert.deepEqual(['comm', 'exe', 'groups'].map(isMissing), [true, true, true]);
  // To anybody, whatever /proc hides, but of no process without a number here
  const isTold = process?.pid !== 0 && (await kernelGives('ids (PIDFD_GET_INFO)'));
  assert.deepEqual(process?.uids, isTold ? { real: 0, effective: 0, saved: 0, fs: 0 } : undefined);
  assert.equal(isMissing('uids'), !isTold);
}

describe('the /proc that is mounted', () => {
  before(function () {
    requirePrograms(this, 'unshare', 'nsenter', 'mount', 'setpriv');
    requireThat(this, isRoot, 'mounting /proc takes root');
  });

  it('is none: one reason for all that is not known, in words', async () => {
    using directory = new TemporaryDirectory();
    await using server = await Peer.start();
    await server.do('listen', directory.file('socket'));
    const { stdout } = await runPeerpid(['inspect', directory.file('socket')], { wrapper: withoutProc });
    const [, reasons] = /^not known +(.+)$/m.exec(stdout) ?? [];
    // Else the pidfd has the cgroup
    const ofPidfd = (await kernelGives('ids (PIDFD_GET_INFO)'))
      ? ''
      : '; cgroup, slice, unit, user unit, container by PID and by pidfd: ioctl(PIDFD_GET_INFO): invalid argument (EINVAL)';
    assert.equal(reasons, `By PID and by pidfd: there is no /proc of this PID namespace that shows it${ofPidfd}.`);
    assert.doesNotMatch(stdout, /ENOENT/);
  });

  describe('is that of a parent PID namespace', () => {
    it('leaves a peer outside foreign', async () => {
      using directory = new TemporaryDirectory();
      await using server = await Peer.start();
      await server.do('listen', directory.file('socket'));
      const [document, status] = await inspect(directory.file('socket'), ['unshare', '--pid', '--fork']);
      assert.equal(document.verdict, 'foreign');
      assert.equal(status, 3);
      assert.equal(document.byPid, null);
      await assertNotRead(document, document.byPidfd, 'byPidfd');
      assert.equal(document.holders, undefined);
    });
  });

  it('is that of a child PID namespace: it is not read either', async () => {
    using directory = new TemporaryDirectory();
    await using inner = await Peer.start({ wrapper: ['unshare', '--pid', '--fork', '--mount-proc'] });
    await using server = await Peer.start();
    await server.do('listen', directory.file('socket'));
    const inside = ['nsenter', `--mount=/proc/${inner.pid}/ns/mnt`, '--'];
    const [document, status] = await inspect(directory.file('socket'), inside);
    assert.equal(document.verdict, 'pinned');
    assert.equal(status, 0);
    assert.equal(document.byPidfd?.pid, server.pid);
    await assertNotRead(document, document.byPidfd, 'byPidfd');
    assert.equal(document.holders, undefined);
    assertFinding(document, 'proc-not-ours', /another PID namespace/);
  });

  describe('is not there at all', () => {
    it('inspect goes by the pidfd', async () => {
      using directory = new TemporaryDirectory();
      await using server = await Peer.start();
      await server.do('listen', directory.file('socket'));
      const [document, status] = await inspect(directory.file('socket'), withoutProc);
      assert.equal(document.verdict, 'pinned');
      assert.equal(status, 0);
      assert.equal(document.byPidfd?.pid, server.pid);
      await assertNotRead(document, document.byPid, 'byPid');
      assert.notEqual(document.byPidfd.namespaces?.pid, undefined);
      assertFinding(document, 'proc-not-ours', /no \/proc here/);
    });

    it('listen goes by the pidfd, to the exit status', async () => {
      using directory = new TemporaryDirectory();
      await using listening = await Listening.start(['--once', directory.file('socket')], { wrapper: withoutProc });
      await using client = await Peer.start();
      await client.do('connect', directory.file('socket'));
      const { verdict, byPidfd } = await listening.next('connection');
      assert.equal(verdict, 'pinned');
      assert.equal(byPidfd?.pid, client.pid);
      await client.exit(7);
      assert.deepEqual((await listening.next('exit')).byPidfd.exitStatus, { code: 7 });
    });

    it('the table says what cannot be told', async () => {
      using directory = new TemporaryDirectory();
      await using server = await Peer.start();
      await server.do('listen', directory.file('socket'));
      const { stdout } = await runPeerpid(['inspect', directory.file('socket')], { wrapper: withoutProc });
      assert.doesNotMatch(stdout, /^command/m);
      assert.match(stdout, /^not known +By PID and by pidfd: there is no \/proc/m);
      assert.match(stdout, /There is no \/proc here/);
    });
  });

  describe('hides the processes of others (hidepid)', () => {
    const hidden = [
      ...['unshare', '--mount', 'sh', '-c', 'mount -t proc -o hidepid=2 proc /proc && exec "$@"', 'sh'],
      ...['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'],
    ];

    it('the pidfd still pins, and nobody is said to be nobody', async () => {
      using directory = new TemporaryDirectory();
      chmodSync(directory.path, 0o755);
      await using server = await Peer.start();
      await server.do('listen', directory.file('socket'));
      chmodSync(directory.file('socket'), 0o777);
      const [document, status] = await inspect(directory.file('socket'), hidden);
      assert.equal(document.verdict, 'pinned');
      assert.equal(status, 0);
      assert.equal(document.byPidfd?.pid, server.pid);
      await assertNotRead(document, document.byPidfd, 'byPidfd');
      assert.equal(document.byPidfd.namespaces, undefined);
      const unseen = document.unavailable.find(({ fact }) => fact === 'holders.notSeen');
      assert.match(unseen?.reason ?? '', /hidepid/);
      const { stdout } = await runPeerpid(['inspect', '--long', directory.file('socket')], { wrapper: hidden });
      if (await kernelGives('ids (PIDFD_GET_INFO)')) assert.match(stdout, /^user now +root \(0\) +=/m);
      assert.match(
        stdout,
        /^not known +By PID and by pidfd: this \/proc hides the process \(its mount option hidepid\)\.$/m,
      );
    });
  });
});
