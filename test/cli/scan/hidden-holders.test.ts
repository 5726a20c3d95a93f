import assert from 'node:assert/strict';

import type { InspectDocument } from '../../../src/document/inspect-document.js';
import type { ScanDocument } from '../../../src/document/scan-document.js';
import { mostAsked } from '../../../src/scanning/in-flight.js';
import { requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { runInjected, whyNoStrace } from '../../helpers/machine/strace.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Python } from '../../helpers/peers/python.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { scan } from '../../helpers/running/scan.js';

const listening = `
import array, ctypes, os, socket, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
def listener():
    s = socket.socket(socket.AF_UNIX)
    s.bind('\\0' + sys.argv[1]); s.listen(5)
    return s
def ready():
    print('ready', flush=True)
    sys.stdin.read()
    os._exit(0)
`;

/** A thread calls unshare(CLONE_FILES), and then listens. */
const inThread = `${listening}
made = threading.Event()
def run():
    if libc.unshare(0x400) != 0: os._exit(1)
    global s; s = listener(); made.set()
    threading.Event().wait()
thread = threading.Thread(target=run, daemon=True); thread.start(); made.wait()
ready()
`;

/** io_uring_setup(2), io_uring_register(2) with IORING_REGISTER_FILES, and no descriptor is left. */
const inRing = `${listening}
s = listener()
ring = libc.syscall(425, 4, ctypes.create_string_buffer(120))
if ring < 0 or libc.syscall(427, ring, 2, ctypes.byref(ctypes.c_int(s.fileno())), 1) != 0:
    print('not allowed', flush=True); os._exit(0)
s.close(); ready()
`;

const inFlight = `${listening}
one, other = socket.socketpair(); s = listener()
one.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [s.fileno(), s.fileno()]))])
s.close(); ready()
`;

/** As above, and a child has it as its standard input. */
const beside = (script: string): string =>
  script.replace('s = listener()', 's = listener(); import subprocess; subprocess.Popen(["sleep", "60"], stdin=s)');

/** One message in flight as above, beside as many sockets as are asked for such. */
const inOneOfMany = inFlight.replace(
  'ready()\n',
  `import resource
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
kept = [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(${mostAsked / 2})]
ready()
`,
);

describe('holders that /proc/PID/fd does not show', () => {
  let name: string;
  let room: Room;

  before(function () {
    requirePrograms(this, 'python3');
  });

  // Nobody else's sockets are in there, and no process that may not be looked into
  prepareEach(async (keep) => {
    name = freshName();
    room = keep(await Room.make());
  });

  const start = (script: string): Promise<Python> => Python.start(script, room.enter, name.slice(1));
  const inside = {
    get wrapper() {
      return room.enter;
    },
  };

  async function inspected(): Promise<{ status: number | null; document: InspectDocument; text: string }> {
    const { status, stdout } = await runPeerpid(['inspect', '--no-connect', '--json', name], inside);
    const text = await runPeerpid(['inspect', '--no-connect', name], inside);
    return { status, document: JSON.parse(stdout) as InspectDocument, text: text.stdout + text.stderr };
  }

  it('a thread with a table of its own: with its number, and the socket is asked', async () => {
    await using _ = await start(inThread);
    const scanned = await scan([], inside);
    const row = scanned.one(name, 'listening');
    const [holder] = row.holders;
    assert.ok(holder?.thread !== undefined && holder.thread !== holder.pid, JSON.stringify(row.holders));
    assert.deepEqual([row.verdict, row.credential?.pid], ['pinned', holder.pid]);
    assert.equal(scanned.document.notSeen.withoutHolder, 0);
    const { status, document, text } = await inspected();
    assert.equal(status, 0);
    assert.deepEqual(document.holders, [holder]);
    assert.ok(text.includes(`${holder.pid} (thread ${holder.thread}, fd ${holder.fds.join(' ')})`), text);
  });

  it('an io_uring with which it is registered: named, and that it cannot be asked', async function () {
    let program: Python;
    try {
      program = await start(inRing);
    } catch (error) {
      requireThat(this, !String(error).includes('not allowed'), 'io_uring_setup(2)');
      throw error;
    }
    await using _ = program;
    const scanned = await runPeerpid(['scan', '--json'], inside);
    // It is the only socket there, and nothing could be told of its peer
    assert.equal(scanned.status, 1);
    const document = JSON.parse(scanned.stdout) as ScanDocument;
    const row = document.sockets.find(({ address }) => address === name);
    const [holder] = row?.holders ?? [];
    assert.deepEqual([row?.holders.length, holder?.fds], [1, []]);
    assert.equal(typeof holder?.ioUring, 'number');
    assert.match(JSON.stringify(row?.unavailable), /registered with an io_uring/);
    assert.equal(document.notSeen.notAsked, 1);
    const { status, text } = await inspected();
    assert.equal(status, 1);
    assert.match(text, new RegExp(`registered with an io_uring of ${holder?.pid ?? ''} `));
  });

  it('a thread of the process of record with a table of its own, while others have it too: nobody is blamed', async () => {
    await using _ = await start(beside(inThread));
    const row = (await scan([], inside)).one(name, 'listening');
    const { document } = await inspected();
    for (const { holders, findings } of [row, document]) {
      assert.deepEqual(
        holders?.map(({ comm, thread }) => [comm, thread !== undefined]).sort(),
        [
          ['python3', true],
          ['sleep', false],
        ],
        JSON.stringify(holders),
      );
      assert.ok(findings.some(({ id }) => id === 'shared-socket'));
      assert.ok(!findings.some(({ id }) => id === 'holder-differs'));
    }
  });

  it('in flight of the process of record, while others have it: no more is said than is known', async () => {
    await using _ = await start(beside(inFlight));
    const row = (await scan([], inside)).one(name, 'listening');
    const { document } = await inspected();
    for (const { findings } of [row, document]) {
      const { text = '' } = findings.find(({ id }) => id === 'holder-differs') ?? {};
      assert.match(
        text,
        /^As far as \/proc shows, the process .* does not have the socket open, and another does: it was handed over/,
      );
      assert.match(
        text,
        /If that process still has it, it is in flight in a message, or held by something that \/proc does not show/,
      );
    }
  });

  it('a message in flight: nobody is blamed, and the queue is told in which descriptors wait', async () => {
    await using _ = await start(inFlight);
    const { document } = await scan([], inside);
    const row = document.sockets.find(({ address }) => address === name);
    const elsewhere = 'in flight in a message, or held by something that /proc does not show';
    assert.deepEqual(row?.unavailable, [
      { fact: 'credential', reason: `no process was seen that has the socket open: it is ${elsewhere}` },
    ]);
    const { inFlight: queues, reasons } = document.notSeen;
    assert.deepEqual(
      queues?.map(({ descriptors }) => descriptors),
      [2],
    );
    assert.deepEqual(reasons, []);
    const { stdout } = await runPeerpid(['scan', '--connections'], inside);
    assert.ok(stdout.includes(`no holder was seen of 1 socket (?): ${elsewhere}`), stdout);
    assert.match(stdout, /^in flight: 2 descriptors, of any kind, in the queue of python3 \d+ \(fd \d+\)$/m);
    const { status, text } = await inspected();
    assert.equal(status, 1);
    assert.ok(text.includes(elsewhere), text);
    assert.doesNotMatch(text, /looked into/);
  });

  it('of more sockets than are asked for descriptors in flight, that is said', async () => {
    await using _ = await start(inOneOfMany);
    const { document } = await scan([], inside);
    assert.equal(document.notSeen.withoutHolder, 1);
    assert.deepEqual(document.notSeen.reasons, [
      { fact: 'inFlight', reason: `only ${mostAsked} sockets were asked for descriptors in flight` },
    ]);
  });

  it('are looked for only where a socket has no holder', async function () {
    const why = whyNoStrace();
    requireThat(this, why === undefined, why ?? '');
    const compared = async (): Promise<number> =>
      (await runInjected(['scan', '--source', 'proc'], ['kcmp'], [], inside)).calls.filter((call) =>
        call.startsWith('kcmp('),
      ).length;
    assert.equal(await compared(), 0);
    await using _ = await start(inThread);
    assert.notEqual(await compared(), 0);
  });
});
