import assert from 'node:assert/strict';

import { requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Python } from '../../helpers/peers/python.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { scan } from '../../helpers/running/scan.js';

/** Makes so many connections to itself, closes one end of each, and may have 20 descriptors. */
const forgetful = `
import resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
l = socket.socket(socket.AF_UNIX); l.bind('\\0forgetful'); l.listen(5)
kept = []
for i in range(int(sys.argv[1])):
    c = socket.socket(socket.AF_UNIX); c.connect('\\0forgetful'); kept.append(l.accept()[0]); c.close()
print('ready', flush=True)
sys.stdin.read()
`;

/** Both directions closed, and the other end open: of a pair, and of a client that was not accepted yet. */
const shutDown = `
import socket, sys
a, b = socket.socketpair(); a.shutdown(socket.SHUT_RDWR)
l = socket.socket(socket.AF_UNIX); l.bind('\\0shut'); l.listen(5)
c = socket.socket(socket.AF_UNIX); c.connect('\\0shut'); c.shutdown(socket.SHUT_RDWR)
print('ready', flush=True)
sys.stdin.read()
`;

describe('connections that are closed at the other end and kept', () => {
  before(function () {
    requireNetworkNamespaces(this);
    requirePrograms(this, 'python3');
  });

  it('are found, with how many there are, who keeps them, and whose they were', async () => {
    await using room = await Room.make();
    const inside = { wrapper: room.enter };
    await using server = await Peer.start(inside);
    await using client = await Peer.start(inside);
    const listener = await server.number('listen', '@app');
    for (let made = 0; made < 3; made++) {
      const end = await client.number('connect', '@app');
      await server.do('accept', listener);
      await client.do('close', end);
    }
    const { document } = await scan(['--finding', 'closed-and-kept'], inside);
    assert.equal(document.sockets.length, 3);
    assert.equal(document.summary.findings['closed-and-kept'], 3);
    for (const { verdict, findings } of document.sockets) {
      assert.equal(verdict, 'pinned');
      const kept = findings.find(({ id }) => id === 'closed-and-kept');
      assert.equal(kept?.severity, 'info');
      assert.match(
        kept.text,
        new RegExp(
          `: process ${server.ownPid} \\(node\\) keeps 3 such sockets open, and may have \\d+ descriptors\\.$`,
        ),
      );
    }
    const { stdout } = await runPeerpid(
      ['scan', '--connections', '--finding', 'closed-and-kept', '--no-header'],
      inside,
    );
    assert.deepEqual(stdout.split('\n')[0]?.split(/ {2,}/), [
      ...[
        'pinned',
        'stream',
        '@app',
        'root',
        `node ${server.ownPid}`,
        '(closed)',
        '×3',
        '-',
        `client was node ${client.ownPid}`,
      ],
    ]);
  });

  for (const [number, severity] of [
    [14, 'info'],
    [15, 'warning'],
  ] as const) {
    it(`are ${severity === 'info' ? 'no' : 'a'} danger where they are ${number} of 20 descriptors`, async () => {
      await using room = await Room.make();
      await using _python = await Python.start(forgetful, room.enter, String(number));
      const { document } = await scan([], { wrapper: room.enter });
      const kept = document.sockets.flatMap(({ findings }) => findings.filter(({ id }) => id === 'closed-and-kept'));
      assert.deepEqual(
        kept.map((one) => one.severity),
        Array(number).fill(severity),
      );
      assert.match(
        kept[0]?.text ?? '',
        new RegExp(` keeps ${number} such sockets open, and may have 20 descriptors\\.$`),
      );
    });
  }

  it('are not those of which both directions are shut down alone', async () => {
    await using room = await Room.make();
    await using _python = await Python.start(shutDown, room.enter);
    const { document } = await scan([], { wrapper: room.enter });
    const closed = document.sockets.filter(({ shutdown }) => shutdown?.length === 2);
    assert.equal(closed.length, 3);
    assert.equal(document.summary.findings['closed-and-kept'], undefined);
  });
});
