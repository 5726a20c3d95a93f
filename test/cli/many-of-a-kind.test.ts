import assert from 'node:assert/strict';

import { isRoot, requirePrograms, requireThat } from '../helpers/machine/requirements.js';
import { Room } from '../helpers/machine/room.js';
import { freshName } from '../helpers/peers/connected.js';
import { Python } from '../helpers/peers/python.js';
import { prepareEach } from '../helpers/prepare-each.js';
import { inspect } from '../helpers/running/inspect.js';
import { runPeerpid } from '../helpers/running/run-peerpid.js';
import { scan } from '../helpers/running/scan.js';

/** A listener of a process with so many groups, that so many others have open too, and in which so many clients wait. */
const crowd = `
import ctypes, os, resource, signal, socket, sys
name, groups, sharing, copies, waiting = sys.argv[1].encode(), *map(int, sys.argv[2:])
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
libc = ctypes.CDLL(None)
gids = (ctypes.c_uint32 * groups)(*range(3_000_000, 3_000_000 + groups))
if libc.setgroups(groups, gids) != 0: sys.exit('setgroups')
listener = socket.socket(socket.AF_UNIX)
listener.bind(b'\\0' + name)
listener.listen(waiting)
copied = [os.dup(listener.fileno()) for _ in range(copies)]
for _ in range(sharing):
    if os.fork() == 0:
        libc.prctl(1, signal.SIGKILL)
        for fd in copied: os.close(fd)
        while True: signal.pause()
clients = [socket.socket(socket.AF_UNIX) for _ in range(waiting)]
for client in clients: client.connect(b'\\0' + name)
print('ready', flush=True)
sys.stdin.read()
`;

const groups = 65_536;

describe('a text names few of what there may be many of', () => {
  let room: Room;
  let name: string;

  before(function () {
    requirePrograms(this, 'python3', 'unshare', 'nsenter');
    requireThat(this, isRoot, 'groups and namespaces take root');
  });

  prepareEach(async (keep) => {
    room = keep(await Room.make());
    name = freshName();
  });

  const start = async (sharing: number, copies: number, waiting: number): Promise<Python> =>
    Python.start(crowd, room.enter, name.slice(1), ...[groups, sharing, copies, waiting].map(String));

  it('inspect: 32 groups, 16 holders, 16 descriptors of one; the JSON has them all', async () => {
    await using _crowd = await start(20, 30, 1);
    const options = { wrapper: room.enter };
    const { credential, byPid, holders } = await inspect(['--no-connect', name], options);
    assert.deepEqual([credential?.groups?.length, byPid?.groups?.length], [groups, groups]);
    assert.equal(holders?.length, 21);
    assert.equal(holders.find(({ fds }) => fds.length > 1)?.fds.length, 31);
    const { stdout, stderr } = await runPeerpid(['inspect', '--explain', '--no-connect', name], options);
    assert.ok(Buffer.byteLength(stdout + stderr) < 16_384, `${stdout.length} + ${stderr.length}`);
    assert.match(stderr, /SO_PEERGROUPS\) = (?:3\d{6}\s+){32}\+\s65504\smore$/m);
    assert.match(stdout, /The socket is open in (?:python3 \d+ \([^)]*\), ){16}\+ 5 more\./);
    assert.match(stdout, /\(fd (?:\d+ ){16}\+ 15 more\)/);
  });

  it('scan --long: 16 holders, 16 clients that wait', async () => {
    await using _crowd = await start(20, 0, 40);
    const options = { wrapper: room.enter };
    const listener = (await scan([], options)).one(name, 'listening');
    assert.deepEqual([listener.holders.length, listener.pending?.length], [21, 40]);
    const { stdout } = await runPeerpid(['scan', '--long'], options);
    const [line] = stdout.split('\n').filter((one) => one.includes('40 clients waiting'));
    assert.match(line ?? stdout, /(?:python3 \d+ \([^)]*\), ){16}\+ 5 more; inode /);
    assert.match(line ?? stdout, /waiting: (?:python3 \d+ \(fd \d+\), ){16}\+ 24 more,/);
  });
});
