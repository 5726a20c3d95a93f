import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

import { processStat } from '../../../native-probe/proc/process.js';
import { CgroupDirectory } from '../../helpers/machine/cgroup-directory.js';
import { childrenOf } from '../../helpers/machine/pid-namespace.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Python } from '../../helpers/peers/python.js';
import { holdByTracer } from '../../helpers/peers/tracer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { findingText as inspectFinding, inspect } from '../../helpers/running/inspect.js';
import { findingIds, findingText, type Row, scan } from '../../helpers/running/scan.js';
import { waitFor } from '../../helpers/wait-for.js';

/** Sends to @queue, or connects to @backlog, until the kernel makes it wait. */
const waiting = (what: 'send' | 'sendto' | 'connect'): string => `
import socket, sys, threading
kept = []
def wait():
    while True:
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM if ${what === 'connect' ? 'True' : 'False'} else socket.SOCK_DGRAM)
        kept.append(s)
        ${
          what === 'connect'
            ? "s.connect('\\0backlog')"
            : what === 'send'
              ? "s.connect('\\0queue')\n        while True: s.send(b'x' * 100)"
              : "while True: s.sendto(b'x' * 100, '\\0queue')"
        }
threading.Thread(target=wait, daemon=True).start()
print('ready', flush=True)
sys.stdin.read()
`;

/** A receiver of that name whose queue is full of messages by sendto(2), which it takes or counts as it is told. */
const filling = (name: string): string => `
import socket, sys
name = '${name}'
r = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
r.bind(name)
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setblocking(False)
r.setblocking(False)
filled = 0
try:
    while True:
        s.sendto(b'xyz', name)
        filled += 1
except BlockingIOError: pass
print('ready', flush=True)
for line in sys.stdin:
    if line == 'take\\n':
        r.recv(10)
        print('taken', flush=True)
    elif line == 'filled\\n': print(filled, flush=True)
    else:
        count = 0
        try:
            while True:
                r.recv(10)
                count += 1
        except BlockingIOError: pass
        print(count, flush=True)
`;

/** In a network namespace of its own, since whether another backlog is full is told. */
describe('who waits for a service that takes nothing', () => {
  let room: Room;
  let server: Peer;

  before(function () {
    requirePrograms(this, 'unshare', 'nsenter', 'python3');
    requireThat(this, isRoot, 'namespaces take root');
  });

  prepareEach(async (keep) => {
    room = keep(await Room.make());
    server = keep(await Peer.start({ wrapper: room.enter }));
  });

  const inRoom = (): { wrapper: string[] } => ({ wrapper: room.enter });

  /** Until a thread in the room sleeps in unix_wait_for_peer(). */
  async function oneWaits(): Promise<void> {
    const network = readlinkSync(`/proc/${room.initPid}/ns/net`);
    const waits = (path: string): boolean =>
      readFileSync(`${path}/wchan`, 'utf8').startsWith('unix_wait_for_peer') &&
      readlinkSync(`${path}/ns/net`) === network;
    await waitFor('one waits', () =>
      numbersIn('/proc').some((pid) =>
        numbersIn(`/proc/${pid}/task`).some((thread) => unlessGone(() => waits(`/proc/${pid}/task/${thread}`))),
      ),
    );
  }

  it('in connect(2): with what keeps the service, and the same in inspect', async () => {
    const listener = await server.number('listen', '@backlog', 'stream', 1);
    await using client = await Python.start(waiting('connect'), room.enter);
    assert.ok(client);
    await oneWaits();
    const running = findingText((await scan([], inRoom())).one('@backlog', 'listening'), 'backlog-near-full');
    assert.match(
      running,
      /^Its backlog is full: 2 clients wait to be accepted; .* They come from \d+ \(python3\) × 2\./,
    );
    assert.match(
      running,
      / In connect\(2\) waits for a place there \(no other backlog was seen to be full\): \d+ \(python3\)\./,
    );
    const { crowd } = (await scan([], inRoom())).one('@backlog', 'listening');
    assert.deepEqual(
      crowd?.clients.map(({ comm, sockets }) => [comm, sockets]),
      [['python3', 2]],
    );
    const [blocked] = crowd.blocked;
    assert.deepEqual(crowd.blocked, [{ ...crowd.clients[0], sockets: 1, perhapsElsewhere: true }]);
    assert.deepEqual([crowd.kept, crowd.anotherFull, blocked?.comm], [[], undefined, 'python3']);
    assert.deepEqual((await inspect('@backlog', inRoom())).crowd, crowd);
    assert.match(
      running,
      /Nothing was seen that keeps process \d+ \(node\) from accept\(2\): it is not called, or not often/,
    );
    const [stopped = 0] = childrenOf(server.pid);
    process.kill(stopped, 'SIGSTOP');
    try {
      await waitFor('it is stopped', () => processStat(stopped).state === 'T');
      const why = / Kept from accept\(2\), as far as can be seen: \d+ \(node\) is stopped\.$/;
      assert.match(findingText((await scan([], inRoom())).one('@backlog', 'listening'), 'backlog-near-full'), why);
      const document = await inspect('@backlog', inRoom());
      assert.match(inspectFinding(document, 'backlog-near-full'), why);
      assert.deepEqual(
        document.crowd?.kept.map(({ comm, by }) => [comm, by]),
        [['node', 'stopped']],
      );
    } finally {
      process.kill(stopped, 'SIGCONT');
    }
    // The other that waits may as well wait there
    await server.do('listen', '@other', 'stream', 0);
    await server.do('connect', '@other');
    const row = (await scan([], inRoom())).one('@backlog', 'listening');
    const one = findingText(row, 'backlog-near-full');
    assert.equal(row.crowd?.anotherFull, true);
    assert.match(one, /waits for a place there \(or at another backlog, one that is full as well\): /);
    assert.ok(listener > 0);
  });

  /** What is told to keep the service from accept(2), in scan and in inspect. */
  async function isKept(by: string, text: RegExp): Promise<void> {
    const row = (await scan([], inRoom())).one('@backlog', 'listening');
    assert.deepEqual(
      row.crowd?.kept.map((one) => one.by),
      [by],
    );
    assert.match(findingText(row, 'backlog-near-full'), text);
    const document = await inspect('@backlog', inRoom());
    assert.deepEqual(document.crowd?.kept, row.crowd.kept);
  }

  it('of a service that its tracer holds, or that is frozen with its cgroup', async function () {
    await server.do('listen', '@backlog', 'stream', 1);
    for (let client = 0; client < 2; client++) await server.do('connect', '@backlog');
    const [service = 0] = childrenOf(server.pid);
    const traced = await holdByTracer(service);
    try {
      await isKept('traced', / Kept from accept\(2\), as far as can be seen: \d+ \(node\) is held by its tracer\.$/);
    } finally {
      await traced[Symbol.asyncDispose]();
    }
    using cgroup = CgroupDirectory.make(this, 'app.service');
    cgroup.add(service);
    {
      using frozen = cgroup.freeze(false);
      await waitFor('it is frozen', () => frozen.isFrozen);
      await isKept(
        'frozen',
        / Kept from accept\(2\), as far as can be seen: \d+ \(node\) is frozen with its cgroup\.$/,
      );
    }
    await server[Symbol.asyncDispose]();
  });

  it('of a service that has used all its descriptors up', async () => {
    await using service = await Python.start(
      `
import resource, socket, sys
s = socket.socket(socket.AF_UNIX); s.bind('\\0backlog'); s.listen(1)
kept = [socket.socket(socket.AF_UNIX) for _ in range(2)]
for c in kept: c.connect('\\0backlog')
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
try:
    while True: kept.append(open('/dev/null'))
except OSError: print('ready', flush=True)
sys.stdin.read()
`,
      room.enter,
    );
    assert.ok(service);
    const row = (await scan([], inRoom())).one('@backlog', 'listening');
    const text = findingText(row, 'backlog-near-full');
    assert.deepEqual(
      row.crowd?.kept.map(({ comm, by, limit }) => [comm, by, limit]),
      [['python3', 'descriptors', 64]],
    );
    assert.match(
      text,
      /: \d+ \(python3\) uses all 64 descriptors that it may have, so accept\(2\) fails there \(EMFILE\)\.$/,
    );
  });

  const receiverIn = (rows: readonly Row[]): Row => {
    const found = rows.find(({ type, address }) => type === 'dgram' && address === '@queue');
    assert.ok(found);
    return found;
  };

  it('in sendmsg(2), for a datagram receiver', async () => {
    await server.do('listen', '@queue', 'dgram');
    await server.do('connect', '@queue', 'dgram');
    const own = await server.number('connect', '@queue', 'dgram');
    await server.do('send', own, 'hello');
    assert.ok(!findingIds(receiverIn((await scan([], inRoom())).document.sockets)).includes('queue-full'));
    await using sender = await Python.start(waiting('send'), room.enter);
    assert.ok(sender);
    await oneWaits();
    const full =
      /^Its queue is full: a message of 5 bytes waits first, and the next sender has to wait, or gets EAGAIN\. In sendmsg\(2\) waits for a place there: \d+ \(python3\)\. Nothing was seen that keeps process \d+ \(node\) from recvmsg\(2\)/;
    assert.match(findingText(receiverIn((await scan([], inRoom())).document.sockets), 'queue-full'), full);
    assert.match(inspectFinding(await inspect('@queue', inRoom()), 'queue-full'), full);
  });

  it('may be one that is not connected: then for this queue, if no other is full', async () => {
    await server.do('listen', '@queue', 'dgram');
    await using sender = await Python.start(waiting('sendto'), room.enter);
    assert.ok(sender);
    await oneWaits();
    const row = receiverIn((await scan([], inRoom())).document.sockets);
    const full =
      /^Its queue is full: a message of 100 bytes waits first, .* EAGAIN\. In sendmsg\(2\) waits for a place there \(no other queue was seen to be full\): \d+ \(python3\)\. Nothing was seen/;
    assert.match(findingText(row, 'queue-full'), full);
    assert.deepEqual(
      row.crowd?.blocked.map(({ comm, perhapsElsewhere }) => [comm, perhapsElsewhere]),
      [['python3', true]],
    );
    const document = await inspect('@queue', inRoom());
    assert.match(inspectFinding(document, 'queue-full'), full);
    assert.deepEqual(document.crowd, row.crowd);
    // Without any connection nobody can say
    assert.deepEqual((await inspect(['--no-connect', '@queue'], inRoom())).crowd, undefined);
    await using _other = await Python.start(filling('\\0other'), room.enter);
    const again = receiverIn((await scan([], inRoom())).document.sockets);
    assert.match(
      findingText(again, 'queue-full'),
      / there \(or at another receiver whose queue is full\): \d+ \(python3\)/,
    );
    assert.equal(again.crowd?.anotherFull, true);
  });

  it('is nobody where all are told EAGAIN, and the queue is full all the same, of a path too', async () => {
    using directory = new TemporaryDirectory();
    for (const name of ['\\0queue', directory.file('queue')]) {
      await using filled = await Python.start(filling(name), room.enter);
      assert.ok(filled);
      const shown = name.replace('\\0', '@');
      const [row] = (await scan([], inRoom())).at(shown);
      assert.ok(row);
      assert.match(
        findingText(row, 'queue-full'),
        /^Its queue is full: a message of 3 bytes waits first, and the next sender has to wait, or gets EAGAIN\. Nothing was seen/,
      );
      assert.deepEqual(row.crowd, { clients: [], blocked: [], kept: [] });
      // With one message less there is room
      await filled.say('take');
      const [less] = (await scan([], inRoom())).at(shown);
      assert.deepEqual([less?.queue?.receive, less && findingIds(less).includes('queue-full')], [3, false]);
    }
  });

  it('is told nothing of a look: no message more, none less, and the queue as it was', async () => {
    await using filled = await Python.start(filling('\\0queue'), room.enter);
    await scan([], inRoom());
    await inspect('@queue', inRoom());
    assert.equal(await filled.say('count'), await filled.say('filled'));
  });
});

function numbersIn(directory: string): string[] {
  return unlessGone(() => readdirSync(directory).filter((name) => /^\d+$/.test(name))) || [];
}

function unlessGone<T>(look: () => T): T | false {
  try {
    return look();
  } catch {
    return false;
  }
}
