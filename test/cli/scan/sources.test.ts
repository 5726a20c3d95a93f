import assert from 'node:assert/strict';

import { refuseAll } from '../../../native-probe/bpf/bpf-instructions.js';
import { BpfCgroup } from '../../helpers/machine/cgroup-bpf.js';

import type { ErrorDocument } from '../../../src/document/error-document.js';
import type { ScanDocument } from '../../../src/document/scan-document.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { serveInRoom } from '../../helpers/peers/all-connections.js';
import { freshName } from '../../helpers/peers/connected.js';
import { patience } from '../../helpers/patience.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Python } from '../../helpers/peers/python.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { scanJson } from '../../helpers/running/scan-json.js';
import { heldAt } from '../../helpers/running/scan.js';

/** Thousands of sockets are looked at; emulated, hundreds take as long. */
const pairs = patience > 1 ? 200 : 2000;

/**
 * Sockets of all types, of which some ask who sends; one that a thread has among descriptors of its own, and one that
 * it has so beside another process.
 */
const crowd = `
import ctypes, os, resource, socket, subprocess, sys, threading
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
types = [socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET]
kept = [end for at in range(${pairs}) for end in socket.socketpair(socket.AF_UNIX, types[at % 3])]
for at, end in enumerate(kept):
    if at % 5 == 0: end.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    if at % 7 == 0: end.close()
made = threading.Event()
def run():
    if ctypes.CDLL(None).unshare(0x400) != 0: os._exit(1)
    global alone, both, child
    alone = socket.socket(socket.AF_UNIX); alone.bind('\\0' + sys.argv[1]); alone.listen(5)
    both = socket.socket(socket.AF_UNIX); both.bind('\\0' + sys.argv[2])
    child = subprocess.Popen(['sleep', 'infinity'], stdin=both)
    made.set()
    threading.Event().wait()
threading.Thread(target=run, daemon=True).start()
made.wait()
print('ready', flush=True)
sys.stdin.read()
child.kill()
os._exit(0)
`;

const byNumber = (one: { readonly inode: number }, other: { readonly inode: number }): number =>
  one.inode - other.inode;

/** In an order of its own, and without what another scan changes. */
function standing(document: ScanDocument): object {
  const { sockets, processes, networkNamespaces } = document;
  return {
    ...document,
    source: undefined,
    sockets: sockets.toSorted(byNumber),
    // Before Linux 6.9 the PID is all there is
    processes: processes.toSorted(
      (one, other) => (one.pidfdId ?? 0) - (other.pidfdId ?? 0) || (one.pid ?? 0) - (other.pid ?? 0),
    ),
    networkNamespaces: networkNamespaces.map(({ inode, own, listed }) => ({ inode, own, listed })).sort(byNumber),
  };
}

describe('the sources of a scan', () => {
  let room: Room;
  let python: Python;
  const peers: Peer[] = [];
  const directory = new TemporaryDirectory();
  const [alone, both] = [freshName(), freshName()];

  before(async function () {
    this.timeout(60_000);
    requirePrograms(this, 'unshare', 'nsenter', 'python3');
    requireThat(this, isRoot, 'namespaces and BPF take root');
    room = await Room.make();
    const start = async (...wrapper: string[]): Promise<Peer> => {
      const peer = await Peer.start({ wrapper: [...room.enter, ...wrapper] });
      peers.push(peer);
      return peer;
    };
    const { listener, connect } = await serveInRoom(room, start, directory.file('log'));
    // In namespaces of their own, too
    const clients = [
      await start(),
      await start('unshare', '--pid', '--fork', '--mount-proc'),
      await start(),
      await start(),
    ];
    for (const client of clients) await connect(client);
    // One has ended, and the number of another one is somebody else's
    const [ended, recycled] = peers.slice(-2);
    await ended?.exit(7);
    await recycled?.exit();
    await room.init.do('spawnAs', recycled?.ownPid, ['sleep', 'infinity']);
    // Inherited
    await room.init.do('spawn', ['sleep', 'infinity'], listener);
    // In flight
    const [one = 0, other = 0] = (await room.init.do('socketpair')) as number[];
    await room.init.do('sendmsg', one, 'x', { pass: [other] });
    python = await Python.start(crowd, room.enter, alone.slice(1), both.slice(1));
  });

  after(async () => {
    await python[Symbol.asyncDispose]();
    for (const peer of peers) await peer[Symbol.asyncDispose]();
    await room[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  /** What both tell; in others' namespaces too, each brings standard streams of the test's own, which are left out. */
  async function told(source: string, ...flags: string[]): Promise<ScanDocument> {
    const everywhere = flags.includes('--everywhere');
    const args = flags.filter((flag) => flag !== '--everywhere');
    const document = await scanJson(['--source', source, ...args], { wrapper: room.enter, everywhere });
    if (!everywhere) return document;
    const outside = new Set(document.networkNamespaces.flatMap(({ inode, process }) => (process ? [] : [inode])));
    const sockets = document.sockets.filter(({ networkNamespace = 0 }) => !outside.has(networkNamespace));
    return { ...document, sockets, processes: [], networkNamespaces: [], notSeen: document.notSeen };
  }

  /** Without whom only one of them can see to have a socket too. */
  function withoutThreads(document: ScanDocument): ScanDocument {
    return {
      ...document,
      sockets: document.sockets.map((row) =>
        row.address === both ? { ...row, holders: row.holders.filter(({ thread }) => thread === undefined) } : row,
      ),
    };
  }

  for (const flags of [[], ['--no-audit'], ['--type', 'dgram'], ['--socket', '@*']]) {
    it(`tell the same: ${flags.join(' ') || 'everything'}`, async () => {
      const [bpf, proc] = [await told('bpf', ...flags), await told('proc', ...flags)];
      assert.deepEqual([bpf.source, proc.source], [{ by: 'bpf' }, { by: 'proc' }]);
      if (flags.length === 0) assert.ok(bpf.sockets.length > 1.5 * pairs, `${bpf.sockets.length}`);
      assert.deepEqual(standing(withoutThreads(bpf)), standing(withoutThreads(proc)));
    }).timeout(60_000);
  }

  it('tell the same of other network namespaces', async () => {
    const rows = async (source: string): Promise<unknown> =>
      withoutThreads(await told(source, '--everywhere')).sockets.toSorted(byNumber);
    assert.deepEqual(await rows('bpf'), await rows('proc'));
  }).timeout(60_000);

  it('have what only a BPF program tells: the descriptors of a thread, beside another process', async () => {
    const holders = async (source: string, name: string): Promise<unknown> => {
      const row = (await told(source)).sockets.find(({ address }) => address === name);
      assert.ok(row);
      return { held: Object.keys(heldAt(row)).length, byThreads: row.holders.filter(({ thread }) => thread).length };
    };
    assert.deepEqual(await holders('bpf', alone), { held: 1, byThreads: 1 });
    assert.deepEqual(await holders('proc', alone), { held: 1, byThreads: 1 });
    assert.deepEqual(await holders('bpf', both), { held: 2, byThreads: 1 });
    assert.deepEqual(await holders('proc', both), { held: 1, byThreads: 0 });
  });

  it('are the BPF program where it can be had, and otherwise it is told why not', async function () {
    requirePrograms(this, 'setpriv');
    // Another test may have such a program loaded just now
    const { by, notBpf = '' } = (await told('auto')).source;
    assert.ok(by === 'bpf' || notBpf.startsWith('a BPF program is loaded that may rewrite'), notBpf);
    {
      using _rewriting = BpfCgroup.with(refuseAll());
      const careful = (await told('auto')).source;
      assert.equal(careful.by, 'proc');
      assert.match(careful.notBpf ?? '', /^a BPF program is loaded that may rewrite/);
    }
    const wrapper = [...room.enter, 'setpriv', '--bounding-set', '-sys_admin,-bpf'];
    const refused = await scanJson([], { wrapper });
    assert.equal(refused.source.by, 'proc');
    assert.match(refused.source.notBpf ?? '', /CAP_BPF/);
    const { status, stdout } = await runPeerpid(['scan', '--json', '--source', 'bpf'], { wrapper });
    assert.equal(status, 4);
    assert.equal((JSON.parse(stdout) as ErrorDocument).error.code, 'NO_BPF');
  });

  it('are told of with --explain', async () => {
    const explained = async (source: string, ...wrapper: string[]): Promise<string> => {
      const args = ['scan', '--explain', '--source', source, '--summary=only'];
      return (await runPeerpid(args, { wrapper: [...room.enter, ...wrapper] })).stderr;
    };
    assert.match(await explained('bpf'), /a BPF program shows who has them open/);
    assert.match(await explained('proc'), /the links in \/proc\/PID\/fd show who has them open/);
    const refused = await explained('auto', 'setpriv', '--bounding-set', '-sys_admin,-bpf');
    assert.match(refused, /iter\/task_file = .*CAP_BPF[^]*\/proc is walked instead/);
  });
});
