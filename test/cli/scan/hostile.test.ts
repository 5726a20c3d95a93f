import assert from 'node:assert/strict';

import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Python } from '../../helpers/peers/python.js';
import { inspect } from '../../helpers/running/inspect.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { scanJson } from '../../helpers/running/scan-json.js';

const hostile = `
import ctypes, os, socket, sys
ctypes.CDLL(None).prctl(15, b'a\\x1b[31m\\n)\\xe2\\x80\\xae')
names = [b'sp ace', b'new\\nline', b'esc\\x1b[2J', b'\\xff\\xfe', b'-dash', b'@at', b'rtl\\xe2\\x80\\xaeabc', b'c1\\xc2\\x9b31m', b'back\\\\x41']
directory = sys.argv[1].encode() + b'/'
sockets = []
for name in [b'\\0' + n for n in names + [b'x' * 107, b'nul\\0in']] + [directory + n for n in names]:
    s = socket.socket(socket.AF_UNIX); s.bind(name); s.listen(5); sockets.append(s)
print('ready', flush=True)
sys.stdin.read()
`;

describe('scan of hostile names', () => {
  it('whole and escaped everywhere, and inspect takes each back', async function () {
    requirePrograms(this, 'python3', 'unshare', 'nsenter');
    requireThat(this, isRoot, 'namespaces take root');
    using directory = new TemporaryDirectory();
    await using room = await Room.make();
    await using _python = await Python.start(hostile, room.enter, directory.path);
    for (const flags of [[], ['--long'], ['--explain'], ['--json']]) {
      const { stdout, stderr, status } = await runPeerpid(['scan', ...flags], { wrapper: room.enter });
      assert.equal(status, 0);
      assert.doesNotMatch(stdout + stderr, /[\0-\x09\x0b-\x1f\x7f-\x9f\u202e\ufffd]/);
    }
    const { sockets } = await scanJson([], { wrapper: room.enter });
    const listeners = sockets.filter(({ state }) => state === 'listening');
    assert.equal(listeners.length, 20);
    for (const { address = '', inode } of listeners) {
      const { socket } = await inspect(['--no-connect', '--', address], { wrapper: room.enter });
      assert.equal(socket.inode, inode, address);
    }
  }).timeout(60_000);
});
