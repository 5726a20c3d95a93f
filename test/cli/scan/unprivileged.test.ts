import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';

import { processStat } from '../../../native-probe/proc/process.js';
import type { ScanDocument } from '../../../src/document/scan-document.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { rowsAt, scanJson } from '../../helpers/running/scan-json.js';

const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--no-new-privs'];
const inMounts = (mount: string): string[] => ['unshare', '--mount', 'sh', '-c', `${mount} && exec "$@"`, 'sh'];

async function scanBlind(
  wrapper: readonly string[],
  args: readonly string[] = [],
  everywhere = false,
): Promise<ScanDocument> {
  const { stdout, stderr, status } = await runPeerpid(['scan', '--json', ...args], { wrapper, everywhere });
  assert.deepEqual([stderr, status], ['', 1]);
  return JSON.parse(stdout) as ScanDocument;
}

/** Outside of any namespace, where there may be sockets of that user's own. */
async function scanBlindOrNot(wrapper: readonly string[]): Promise<ScanDocument> {
  const { stdout } = await runPeerpid(['scan', '--json'], { wrapper });
  return JSON.parse(stdout) as ScanDocument;
}

function isKernelThread(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && processStat(pid).isKernelThread;
}

describe('scan by those who may not see all', () => {
  let room: Room;
  const name = freshName();

  before(async function () {
    requirePrograms(this, 'setpriv', 'unshare', 'nsenter', 'mount');
    requireThat(this, isRoot, 'namespaces and other users take root');
    room = await Room.make();
    await room.init.do('listen', name);
    await room.init.do('connect', name);
  });

  after(async () => {
    await room[Symbol.asyncDispose]();
  });

  it('another user: each process that is not seen is named, and why; nothing is called believable', async () => {
    const { sockets, notSeen, summary } = await scanBlind([...room.enter, ...nobody]);
    assert.ok(sockets.length >= 2);
    assert.ok(sockets.every(({ holders, verdict }) => holders.length === 0 && verdict === undefined));
    const init = notSeen.processes.find(({ pid }) => pid === room.init.ownPid);
    assert.match(init?.comm ?? '', /^(node|MainThread|node-MainThread)$/);
    assert.deepEqual(init?.owner, { id: 0, name: 'root' });
    assert.deepEqual(notSeen.reasons, [
      { fact: 'holders', reason: 'looking at the processes of other users needs root (CAP_SYS_PTRACE)' },
    ]);
    assert.equal(notSeen.withoutHolder, sockets.length);
    assert.deepEqual(summary.verdicts, {});
  });

  it('another user is not told of threads of the kernel, which have no descriptors', async () => {
    const document = await scanBlindOrNot(nobody);
    assert.ok(document.notSeen.processes.length > 0);
    const threads = document.notSeen.processes.filter(({ pid }) => isKernelThread(pid));
    assert.deepEqual(threads, []);
  });

  it('another user as text: the same, after the table', async () => {
    const { stdout, status } = await runPeerpid(['scan', '--connections'], { wrapper: [...room.enter, ...nobody] });
    assert.equal(status, 1);
    assert.match(stdout, /^not seen: the descriptors of \d+ process(es)?: .*(node|MainThread|node-MainThread) 1\b/m);
    assert.match(stdout, /^no holder was seen of \d+ sockets \(\?\)$/m);
    assert.match(stdout, /^why no holder: looking at the processes of other users needs root \(CAP_SYS_PTRACE\)$/m);
  });

  it('another user sees and judges his own', async () => {
    const own = freshName();
    await using peer = await Peer.start({ wrapper: [...room.enter, ...nobody] });
    await peer.do('listen', own);
    const document = await scanJson([], { wrapper: [...room.enter, ...nobody] });
    const [row] = rowsAt(document, own);
    assert.equal(row?.verdict, 'pinned');
    assert.deepEqual(
      row.holders.map(({ pid }) => pid),
      [peer.ownPid],
    );
    assert.ok(document.notSeen.processes.some(({ pid }) => pid === room.init.ownPid));
  });

  it('another user is told in one line of other network namespaces', async () => {
    const { notSeen } = await scanBlind([...room.enter, ...nobody], [], true);
    assert.ok(notSeen.withoutNamespace.processes >= 1);
    const { stdout } = await runPeerpid(['scan', '-a'], { wrapper: [...room.enter, ...nobody], everywhere: true });
    assert.deepEqual(notSeen.reasons, [
      { fact: 'holders', reason: 'looking at the processes of other users needs root (CAP_SYS_PTRACE)' },
      { fact: 'networkNamespaces', reason: 'looking into other network namespaces needs root (CAP_SYS_ADMIN)' },
    ]);
    const lines = stdout.split('\n').filter((line) => line.includes('CAP_SYS_ADMIN'));
    assert.equal(lines.length, 1, stdout);
    assert.match(
      lines[0] ?? '',
      /^could not be looked into: the network namespaces of \d+ process(es)?: looking into other network namespaces needs root \(CAP_SYS_ADMIN\)$/,
    );
    const services = await runPeerpid(['scan'], { wrapper: [...room.enter, ...nobody], everywhere: true });
    const unseen = services.stdout.split('\n').filter((line) => /\broot\b|namespaces/.test(line));
    assert.deepEqual(unseen.length, 1, services.stdout);
    assert.match(unseen[0] ?? '', /only root may look into, and other network namespaces \(sudo peerpid scan\)$/);
  });

  it('hidepid: nobody says how many there are', async () => {
    const hidden = inMounts('mount -t proc -o hidepid=2 proc /proc');
    const { notSeen } = await scanBlind([...room.enter, ...hidden, ...nobody]);
    assert.deepEqual([notSeen.hidden, notSeen.processes], [true, []]);
    assert.match(JSON.stringify(notSeen.reasons), /mount option hidepid/);
  });

  for (const [who, wrapper] of [
    ['root of a user namespace', ['unshare', '--user', '--map-root-user']],
    ['root without CAP_SYS_PTRACE', ['setpriv', '--bounding-set', '-sys_ptrace', '--inh-caps', '-all']],
  ] as const) {
    it(`${who}, who may list descriptors and not look at them, has not seen them`, async () => {
      const { notSeen, sockets } = await scanBlind([...room.enter, ...wrapper], ['--source', 'proc']);
      assert.ok(notSeen.processes.some(({ pid }) => pid === room.init.ownPid));
      assert.equal(notSeen.withoutHolder, sockets.length);
      assert.match(JSON.stringify(notSeen.reasons), /CAP_SYS_PTRACE/);
      // A name that the other thread found comes whole, too
      assert.ok(notSeen.processes.every(({ comm = '' }) => !/^\d+,/.test(comm)));
    });
  }

  it('root without CAP_SYS_PTRACE: a BPF program shows the holders, and that the sockets may not be asked is said', async () => {
    const wrapper = [...room.enter, 'setpriv', '--bounding-set', '-sys_ptrace', '--inh-caps', '-all'];
    const { source, sockets, notSeen } = await scanBlind(wrapper, ['--source', 'bpf']);
    assert.deepEqual([source.by, notSeen.processes, notSeen.withoutHolder], ['bpf', [], 0]);
    assert.ok(sockets.every(({ holders, verdict }) => holders.length > 0 && verdict === undefined));
    assert.deepEqual(
      notSeen.reasons.map(({ fact, reason }) => [fact, reason]),
      [['credentials', 'this process has no CAP_SYS_PTRACE']],
    );
  });

  it('a /proc of another PID namespace: its numbers are nobody’s here', async () => {
    const { sockets, notSeen } = await scanBlind([...room.enter, 'unshare', '--pid', '--fork']);
    assert.ok(sockets.length >= 2 && sockets.every(({ holders }) => holders.length === 0));
    assert.deepEqual([notSeen.allProcesses, notSeen.processes], [true, []]);
    assert.match(JSON.stringify(notSeen.reasons), /\/proc that is mounted here belongs to another PID namespace/);
  });

  it('no /proc: the sockets alone, and why', async () => {
    const wrapper = [...room.enter, ...inMounts('mount -t tmpfs none /proc')];
    for (const flags of [[], ['--own-namespace'], ['--no-audit']]) {
      const { sockets, notSeen } = await scanBlind(wrapper, flags);
      assert.ok(sockets.some(({ address }) => address === name));
      assert.deepEqual(notSeen.reasons, [
        { fact: 'holders', reason: 'there is no /proc here, and only that shows who has a socket open' },
      ]);
    }
    assert.match((await runPeerpid(['scan', '--connections'], { wrapper })).stdout, /^not seen: any process$/m);
  });

  it('a /proc of its own PID namespace shows all that there is', async () => {
    const wrapper = [...room.enter, 'unshare', '--user', '--map-root-user', '--pid', '--net', '--fork', '--mount-proc'];
    const { sockets, notSeen } = await scanJson([], { wrapper });
    assert.deepEqual([sockets.filter(({ address }) => address === name), notSeen.allProcesses], [[], false]);
  });
});
