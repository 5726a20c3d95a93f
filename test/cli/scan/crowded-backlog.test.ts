import assert from 'node:assert/strict';

import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Python } from '../../helpers/peers/python.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { scan } from '../../helpers/running/scan.js';

/** One listener with so many clients that wait, others with one, and in the namespace nothing else. */
const crowd = `
import resource, socket, sys
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
name, waiting, others = sys.argv[1].encode(), int(sys.argv[2]), int(sys.argv[3])
with open('/proc/sys/net/core/somaxconn', 'w') as most: most.write(str(waiting))
kept = []
def listen(name, waiting):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(b'\\0' + name)
    listener.listen(waiting)
    kept.append(listener)
    for _ in range(waiting):
        client = socket.socket(socket.AF_UNIX)
        client.connect(b'\\0' + name)
        kept.append(client)
listen(name, waiting)
for other in range(others): listen(name + b'-%d' % other, 1)
print('ready', flush=True)
sys.stdin.read()
`;

/** What the kernel fills at once has room for some 900 clients at first, and later for some 8,000. */
describe('scan of a listener with more waiting clients than one answer of the kernel has room for', () => {
  let room: Room;

  before(async function () {
    requirePrograms(this, 'unshare', 'nsenter', 'python3');
    requireThat(this, isRoot, 'namespaces take root');
    room = await Room.make();
  });

  after(async () => {
    await room[Symbol.asyncDispose]();
  });

  const crowds = [
    { waiting: 1500, others: 0 },
    { waiting: 9000, others: 3 },
  ];
  for (const { waiting, others } of crowds) {
    it(`${waiting} clients: neither it nor any other socket is missing`, async function () {
      this.timeout(60_000);
      const name = freshName();
      await using python = await Python.start(crowd, room.enter, name.slice(1), String(waiting), String(others));
      assert.ok(python);
      const scanned = await scan([], { wrapper: room.enter });
      const { sockets, listening, connections } = scanned.document.summary;
      assert.deepEqual(
        { sockets, listening, connections },
        { sockets: waiting + 1 + 2 * others, listening: 1 + others, connections: waiting + others },
      );
      const listener = scanned.one(name, 'listening');
      assert.deepEqual(listener.backlog, { waiting, most: waiting });
      const unavailable = listener.unavailable.some(({ fact }) => fact === 'pending');
      assert.deepEqual([listener.pending?.length, unavailable], waiting < 8000 ? [waiting, false] : [undefined, true]);
      for (let other = 0; other < others; other++)
        assert.equal(scanned.one(`${name}-${other}`, 'listening').pending?.length, 1);
      const { stdout } = await runPeerpid(['inspect', '--no-connect', name], { wrapper: room.enter });
      assert.match(stdout, new RegExp(`listening.* ${waiting} clients waiting`));
    });
  }
});
