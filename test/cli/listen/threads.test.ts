import assert from 'node:assert/strict';

import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Python } from '../../helpers/peers/python.js';
import { inspect } from '../../helpers/running/inspect.js';
import { Listening } from '../../helpers/running/listening.js';

/** setresuid(2) as a bare call changes the calling thread alone. Its number, by what Node calls x64 and arm64. */
const setresuid: Readonly<Record<string, number>> = { x64: 117, arm64: 147 };

const uid = 65533;

/** A thread with a uid of its own connects, sends, and stays or ends. */
const script = `import ctypes, socket, sys, threading
def work():
    assert ctypes.CDLL(None).syscall(${setresuid[process.arch] ?? 0}, ${uid}, ${uid}, ${uid}) == 0
    client = socket.socket(socket.AF_UNIX); client.connect('\\0' + sys.argv[1]); client.send(b'x')
    kept.append(client)
    if stays: print('ready', flush=True); threading.Event().wait()
kept = []; stays = sys.argv[2] == 'stays'
thread = threading.Thread(target=work, daemon=True); thread.start()
if not stays: thread.join(); print('ready', flush=True)
sys.stdin.read()`;

describe('a client whose threads have ids of their own', () => {
  before(function () {
    requirePrograms(this, 'python3');
    requireThat(this, isRoot, 'needs root, for a thread of another user');
    requireThat(this, process.arch in setresuid, 'knows the number of setresuid(2) for x64 and arm64');
  });

  it('is told as such: its ids have not changed, and the sender has stated none', async () => {
    const name = freshName();
    await using listening = await Listening.start([name]);
    await using _client = await Python.start(script, [], name.slice(1), 'stays');
    const connection = await listening.next('connection');
    assert.deepEqual([connection.credential?.uid, connection.byPidfd?.uids?.effective], [uid, 0]);
    assert.deepEqual(
      connection.findings.map(({ id }) => id),
      ['ids-differ'],
    );
    const [finding] = connection.findings;
    assert.match(
      finding?.text ?? '',
      new RegExp(`^Its threads have different ids: .* first is 0, and that of thread \\d+ is ${uid}, as rec`),
    );
    const message = await listening.next('message');
    assert.equal(message.credential?.uid, uid);
    assert.deepEqual(message.findings, []);
  });

  it('is told what is recorded and what is now, where the thread is gone: nobody knows which of them had it', async () => {
    const name = freshName();
    await using server = await Peer.start();
    const listener = await server.number('listen', name);
    await using _client = await Python.start(script, [], name.slice(1), 'goes');
    const accepted = await server.number('accept', listener);
    const { findings } = await inspect(`/proc/${server.pid}/fd/${accepted}`);
    assert.deepEqual(
      findings.map(({ id }) => id),
      ['uid-changed'],
    );
    assert.match(
      findings[0]?.text ?? '',
      new RegExp(
        `^The effective uid recorded at connect\\(2\\) is ${uid}, and that of its first thread is 0 now: it has changed since, or a thread `,
      ),
    );
  });
});
