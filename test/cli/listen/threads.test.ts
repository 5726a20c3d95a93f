import assert from 'node:assert/strict';

import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Python } from '../../helpers/peers/python.js';
import { Listening } from '../../helpers/running/listening.js';

/** setresuid(2) as a bare call changes the calling thread alone. Its number, by what Node calls x64 and arm64. */
const setresuid: Readonly<Record<string, number>> = { x64: 117, arm64: 147 };

const uid = 65533;

/** A thread with a uid of its own connects, sends, and stays. */
const script = `import ctypes, socket, sys, threading
def work():
    assert ctypes.CDLL(None).syscall(${setresuid[process.arch] ?? 0}, ${uid}, ${uid}, ${uid}) == 0
    client = socket.socket(socket.AF_UNIX); client.connect('\\0' + sys.argv[1]); client.send(b'x')
    print('ready', flush=True); threading.Event().wait()
threading.Thread(target=work, daemon=True).start(); sys.stdin.read()`;

describe('a client whose threads have ids of their own', () => {
  before(function () {
    requirePrograms(this, 'python3');
    requireThat(this, isRoot, 'needs root, for a thread of another user');
    requireThat(this, process.arch in setresuid, 'knows the number of setresuid(2) for x64 and arm64');
  });

  it('is told as such: its ids have not changed, and the sender has stated none', async () => {
    const name = freshName();
    await using listening = await Listening.start([name]);
    await using _client = await Python.start(script, [], name.slice(1));
    const connection = await listening.next('connection');
    assert.deepEqual([connection.credential?.uid, connection.byPidfd?.uids?.effective], [uid, 0]);
    assert.deepEqual(
      connection.findings.map(({ id }) => id),
      ['ids-differ'],
    );
    const [finding] = connection.findings;
    assert.match(
      finding?.text ?? '',
      new RegExp(
        `^Its threads have ids of their own: .* first one is 0, and that of thread \\d+ is ${uid}, as was rec`,
      ),
    );
    const message = await listening.next('message');
    assert.equal(message.credential?.uid, uid);
    assert.deepEqual(message.findings, []);
  });
});
