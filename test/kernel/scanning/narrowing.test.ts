import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

import { criteria } from '../../../src/connections/criteria.js';
import { selectFrom } from '../../../src/connections/selection.js';
import type { ScanDocument } from '../../../src/document/scan-document.js';
import { requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { whyNoStrace } from '../../helpers/machine/strace.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Python } from '../../helpers/peers/python.js';
import { built } from '../../helpers/running/program-root.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { scanJson } from '../../helpers/running/scan-json.js';

const program = built('test/helpers/programs/narrowed.js');

/** Every kind of socket, and of holder. */
const scene = `
import array, ctypes, os, signal, socket, subprocess, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
where, name = sys.argv[1], '\\0' + sys.argv[2]
kept = []
def keep(one): kept.append(one); return one
def bound(at, kind=socket.SOCK_STREAM, backlog=5):
    s = keep(socket.socket(socket.AF_UNIX, kind)); s.bind(at)
    if kind != socket.SOCK_DGRAM: s.listen(backlog)
    return s
def connected(at, kind=socket.SOCK_STREAM):
    s = keep(socket.socket(socket.AF_UNIX, kind)); s.connect(at); return s
def child(run, title):
    told, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            libc.prctl(1, signal.SIGKILL); libc.prctl(15, title.encode())
            run(); os.write(tell, b'x')
            while True: signal.pause()
        finally: os._exit(1)
    os.close(tell)
    if os.read(told, 1) == b'': raise SystemExit(title + ' failed')
    os.close(told)
    return pid
def other(at, kind=socket.SOCK_STREAM, uid=None):
    """A client of another process."""
    def run():
        for one in kept: one.close()
        if uid is not None: os.setuid(uid)
        keep(connected(at, kind))
    return run

# A listener at a path, with clients of two users that it accepted, one that waits, and one that it keeps though it is closed
path = where + '/app.sock'
app = bound(path); os.chmod(path, 0o777)
child(other(path), 'client'); keep(app.accept()[0])
child(other(path, uid=65534), 'stranger'); keep(app.accept()[0])
gone = child(other(path), 'gone'); keep(app.accept()[0]); os.kill(gone, 9); os.waitpid(gone, 0)
# Who connected has ended, and its child has the socket: inherited
def leaves():
    other(path)()
    if os.fork() != 0: os._exit(0)
    libc.prctl(15, b'heir')
left = child(leaves, 'leaves'); keep(app.accept()[0]); os.waitpid(left, 0)
child(other(path), 'waiting')
# Abstract, of records, and a full backlog
queue = bound(name, socket.SOCK_SEQPACKET, 1)
for _ in range(2): connected(name, socket.SOCK_SEQPACKET)
# A receiver with senders, and senders whose receiver is closed
log = where + '/log'
bound(log, socket.SOCK_DGRAM); os.chmod(log, 0o777); child(other(log, socket.SOCK_DGRAM, 65534), 'sender'); connected(log, socket.SOCK_DGRAM)
lost = bound(where + '/lost', socket.SOCK_DGRAM); child(other(where + '/lost', socket.SOCK_DGRAM), 'lost'); connected(where + '/lost', socket.SOCK_DGRAM)
kept.remove(lost); lost.close()
# A pair that keeps its credential and is connected elsewhere
one, two = [keep(s) for s in socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)]; one.connect(log)
# The path of a listener is another's by now, and a deleted one
bound(where + '/taken'); os.unlink(where + '/taken'); bound(where + '/taken')
bound(where + '/deleted'); os.unlink(where + '/deleted')
os.rename(where + '/taken', where + '/moved')
# Pairs: of one process, inherited by a child, passed to another, unconnected
for one in socket.socketpair(): keep(one)
one, two = socket.socketpair(); child(lambda: None, 'inherits'); keep(one); two.close()
to, fro = socket.socketpair()
one, two = socket.socketpair(); keep(one)
to.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [two.fileno()]))]); two.close()
def holds():
    for one in kept: one.close()
    global passed
    _, passed, _, _ = fro.recvmsg(1, 100)
child(holds, 'passed'); to.close(); fro.close()
keep(socket.socket(socket.AF_UNIX))
# Of another network namespace, by a path
def elsewhere():
    for one in kept: one.close()
    if libc.unshare(0x40000000) != 0: os._exit(1)
    keep(connected(path)); bound(name)
child(elsewhere, 'elsewhere')
# In flight
one, two = [keep(s) for s in socket.socketpair()]
s = socket.socket(socket.AF_UNIX); s.bind(name + '-flight'); s.listen(3)
one.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [s.fileno()]))]); s.close()
# Hidden: in a thread's own table alone, and beside a child that has it too
made = threading.Event()
def hide():
    if libc.unshare(0x400) != 0: os._exit(1)
    a = socket.socket(socket.AF_UNIX); a.bind(name + '-hidden'); a.listen(3); kept.append(a)
    b = socket.socket(socket.AF_UNIX); b.bind(name + '-beside'); b.listen(3); kept.append(b)
    subprocess.Popen(['sleep', '600'], stdin=b, preexec_fn=lambda: libc.prctl(1, signal.SIGKILL))
    made.set(); threading.Event().wait()
threading.Thread(target=hide, daemon=True).start(); made.wait()
print('ready', flush=True)
sys.stdin.read()
os._exit(0)
`;

/** So many sockets beside, which are nothing to the others. */
const many = 1000;
const crowd = `
import resource, socket, sys
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
kept = [socket.socketpair() for _ in range(${many / 2})]
print('ready', flush=True)
sys.stdin.read()
`;

interface Compared {
  readonly ways: number;
  readonly chosen: number;
  readonly sockets: number;
  readonly different: readonly {
    readonly name: string;
    readonly narrowed: ScanDocument;
    readonly whole: ScanDocument;
  }[];
}

describe('a scan of named sockets', () => {
  const name = freshName();
  const directory = new TemporaryDirectory();
  let room: Room;
  let running: Python | undefined;

  before(async function () {
    requirePrograms(this, 'unshare', 'nsenter', 'python3', 'setpriv');
    requireThat(this, isRoot, 'namespaces take root');
    requireNetworkNamespaces(this);
    room = await Room.make();
    running = await Python.start(scene, room.enter, directory.path, name.slice(1));
  });

  after(async () => {
    await running?.[Symbol.asyncDispose]();
    await room[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  /** In namespaces in which nobody else has a socket, neither by standard streams. */
  function compared(options: object, user: readonly string[] = []): Compared {
    using own = new TemporaryDirectory();
    const output = own.file('output');
    writeFileSync(output, '');
    const script = `
      sleep 300 | python3 -c "$1" "$2" "$3" > "$2/ready" &
      for _ in $(seq 300); do grep -q ready "$2/ready" && break; sleep 0.1; done
      output=$2/output; shift 3; exec "$@" > "$output" 2>&1`;
    const inside = ['--mount', '--pid', '--net', '--fork', '--kill-child', '--mount-proc'];
    const command = [...user, process.execPath, program, JSON.stringify(options)];
    const args = [...inside, 'sh', '-c', script, 'sh', scene, own.path, name.slice(1), ...command];
    const { status } = spawnSync('unshare', args, { stdio: 'ignore' });
    const printed = readFileSync(output, 'utf8');
    assert.equal(status, 0, printed.slice(0, 2000));
    return JSON.parse(printed) as Compared;
  }

  const nobody = ['setpriv', '--reuid=65534', '--clear-groups'];
  for (const [what, options, user] of [
    ['all is told', {}, []],
    ['all namespaces are looked into', { ownNamespace: false }, []],
    ['it is a table', { details: false }, []],
    ['nothing is asked', { audit: false }, []],
    ['nobody else’s may be seen', {}, nobody],
  ] as const) {
    it(`tells the same as one that chooses afterwards, however they are named, where ${what}`, () => {
      const { ways, chosen, sockets, different } = compared(options, user);
      assert.ok(sockets > 30 && ways > 100 && chosen > 1000, JSON.stringify({ sockets, ways, chosen }));
      for (const { name: typed, narrowed, whole } of different) assert.deepEqual(narrowed, whole, typed);
    }).timeout(60_000);
  }

  it('tells so on the command line, too, with two threads', async () => {
    const listener = directory.file('app.sock');
    const inside = { wrapper: room.enter };
    const whole = await scanJson([], inside);
    const byWord = await scanJson([name], inside);
    const narrowed = await scanJson(['--socket', listener], inside);
    const byAddress = criteria.socket(listener, () => []);
    const { document } = selectFrom(whole, { named: [byAddress], others: [] }, () => undefined);
    assert.ok(document.sockets.length >= 8);
    assert.deepEqual(narrowed.sockets, document.sockets);
    assert.deepEqual(narrowed.summary, document.summary);
    assert.deepEqual(narrowed.notSeen, document.notSeen);
    assert.deepEqual(narrowed.processes.map(({ pid }) => pid).sort(), document.processes.map(({ pid }) => pid).sort());
    const queue = whole.sockets.filter(({ address }) => address === name).map(({ inode }) => inode);
    assert.ok(queue.length > 0 && queue.every((inode) => byWord.sockets.some((row) => row.inode === inode)));
  });

  it('asks no others', async function () {
    const why = whyNoStrace();
    requireThat(this, why === undefined, why ?? '');
    await using _ = await Python.start(crowd, room.enter);
    const duplicates = async (...args: string[]): Promise<number> => {
      using traced = new TemporaryDirectory();
      const strace = ['strace', '-f', '-qq', '-c', '-e', 'trace=pidfd_getfd', '-o', traced.file('counts')];
      // By the other source few are asked in any case
      await runPeerpid(['scan', '--source', 'proc', ...args], { wrapper: [...room.enter, ...strace] });
      const line = readFileSync(traced.file('counts'), 'utf8')
        .split('\n')
        .find((one) => one.includes('pidfd_getfd'));
      // % time, seconds, usecs/call, calls
      return Number(line?.trim().split(/\s+/)[3] ?? 0);
    };
    const all = await duplicates();
    assert.ok(all > many, `${all} duplicates`);
    for (const named of [['--socket', `${directory.path}/app.sock`], [name], ['--user', '65534']]) {
      const some = await duplicates(...named);
      assert.ok(some > 0 && some < 150, `${named.join(' ')}: ${some} duplicates`);
    }
  }).timeout(60_000);
});
