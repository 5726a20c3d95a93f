import assert from 'node:assert/strict';

import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Python } from '../../helpers/peers/python.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { scan, type Scanned } from '../../helpers/running/scan.js';

/** One process with 5,000 sockets, 51 that share 300, and 1,000 clients that wait. */
const crowd = `
import ctypes, os, resource, signal, socket, sys
libc = ctypes.CDLL(None)
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
def become(name):
    libc.prctl(15, name)
    libc.prctl(1, signal.SIGKILL)
started, tell = os.pipe()
def fork(run):
    if os.fork() == 0:
        try: run()
        finally: os._exit(1)
def done():
    os.write(tell, b'x')
    while True: signal.pause()
kept = []
def many():
    become(b'many')
    kept.extend(socket.socketpair() for _ in range(2500))
    done()
def shared():
    become(b'shared')
    kept.extend(socket.socketpair() for _ in range(150))
    for _ in range(50): fork(lambda: (become(b'sharing'), done()))
    done()
def clients():
    become(b'clients')
    for _ in range(1000):
        client = socket.socket(socket.AF_UNIX)
        client.connect(b'\\0' + sys.argv[1].encode())
        kept.append(client)
    done()
fork(many)
fork(shared)
listener = socket.socket(socket.AF_UNIX)
listener.bind(b'\\0' + sys.argv[1].encode())
listener.listen(2000)
fork(clients)
left = 53
while left > 0: left -= len(os.read(started, left))
print('ready', flush=True)
sys.stdin.read()
`;

describe('scan of many sockets', () => {
  const name = freshName();
  let room: Room;
  let python: Python | undefined;
  let scanned: Scanned;

  before(async function () {
    this.timeout(60_000);
    requirePrograms(this, 'unshare', 'nsenter', 'python3');
    requireThat(this, isRoot, 'namespaces take root');
    room = await Room.make();
    python = await Python.start(crowd, room.enter, name.slice(1));
    scanned = await scan([], { wrapper: room.enter });
  });

  after(async () => {
    await python?.[Symbol.asyncDispose]();
    await room[Symbol.asyncDispose]();
  });

  function heldBy(comm: string): Scanned['document']['sockets'] {
    return scanned.document.sockets.filter(({ holders }) => holders.some((holder) => holder.comm === comm));
  }

  it('one process with 5,000 descriptors: all of them, each pair at both ends', () => {
    const rows = heldBy('many');
    assert.equal(rows.length, 5000);
    const fds = new Set(rows.flatMap(({ holders }) => holders.flatMap((holder) => holder.fds)));
    assert.equal(fds.size, 5000);
    for (const row of rows) {
      const other = scanned.otherEnd(row);
      assert.deepEqual([row.verdict, other.verdict], ['pinned', 'pinned']);
      assert.equal(row.holders.length, 1);
      assert.equal(row.byPidfd?.pid, other.holders[0]?.pid);
    }
  });

  it('300 sockets that 51 processes share: each has every holder, in order', () => {
    const rows = heldBy('shared');
    assert.equal(rows.length, 300);
    const pids = rows[0]?.holders.map(({ pid }) => pid) ?? [];
    assert.equal(new Set(pids).size, 51);
    for (const { holders, verdict } of rows) {
      assert.deepEqual(
        holders.map(({ pid }) => pid),
        pids,
      );
      assert.ok(holders.every(({ fds }) => fds.length === 1));
      assert.equal(verdict, 'pinned');
    }
    assert.deepEqual(
      pids.toSorted((a, b) => a - b),
      pids,
    );
    assert.equal(heldBy('sharing').length, 300);
  });

  it('1,000 clients that wait: the listener names each', () => {
    const listener = scanned.one(name, 'listening');
    assert.deepEqual(listener.backlog, { waiting: 1000, most: 2000 });
    assert.equal(listener.pending?.length, 1000);
    const waiting = new Map(heldBy('clients').map((row) => [row.inode, row]));
    for (const { inode, holders } of listener.pending) {
      const row = waiting.get(inode);
      assert.ok(row, `${inode} waits, and is held by nobody`);
      assert.deepEqual(holders, row.holders);
      assert.equal(row.verdict, 'pinned');
    }
  });

  it('the sums are right, in JSON and as text', async () => {
    const { summary, notSeen } = scanned.document;
    const { sockets, connections, listening, verdicts } = summary;
    assert.deepEqual(
      { sockets, connections, listening, verdicts },
      { sockets: 6301, connections: 3650, listening: 1, verdicts: { pinned: 6301 } },
    );
    assert.deepEqual([notSeen.withoutHolder, notSeen.notAsked, notSeen.reasons], [0, 0, []]);
    const { stdout, status } = await runPeerpid(['scan', '--connections'], { wrapper: room.enter });
    assert.equal(status, 0);
    assert.match(stdout, /^6301 sockets: 3650 connections, 1 listener, 0 datagram receivers$/m);
    assert.match(stdout, /1000 clients waiting \(backlog 2000\)/);
  });
}).timeout(60_000);
