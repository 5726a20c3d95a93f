import assert from 'node:assert/strict';

import { requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { Python } from '../../helpers/peers/python.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

/**
 * One client with two connections of its own and one that its child made and that it has since; two that it has closed;
 * and one of a client that has ended.
 */
const script = `
import ctypes, os, signal, socket, sys
libc = ctypes.CDLL(None)
listener = socket.socket(socket.AF_UNIX); listener.bind('\\0app'); listener.listen(9)
told, tell = os.pipe(); go, goes = os.pipe()
pid = os.fork()
def connect(): s = socket.socket(socket.AF_UNIX); s.connect('\\0app'); return s
if pid == 0:
    listener.close(); os.close(goes)
    libc.prctl(15, b'client'); libc.prctl(1, signal.SIGKILL); os.setuid(12345)
    kept = [connect(), connect()]
    inherited = socket.socket(socket.AF_UNIX)
    if os.fork() == 0: inherited.connect('\\0app'); os._exit(0)
    os.wait()
    for _ in range(2): connect().close()
    if os.fork() == 0: connect(); os._exit(7)
    os.wait(); os.write(tell, b'x'); signal.pause()
os.read(told, 1)
accepted = [listener.accept()[0] for _ in range(6)]
print('ready', pid, flush=True); sys.stdin.read()
`;

describe('connections of one client, of different verdicts and with a closed end', () => {
  let room: Room;
  let python: Python | undefined;

  before(async function () {
    requirePrograms(this, 'python3');
    requireNetworkNamespaces(this);
    room = await Room.make();
    python = await Python.start(script, room.enter);
  });

  after(async () => {
    await python?.[Symbol.asyncDispose]();
    await (room as Room | undefined)?.[Symbol.asyncDispose]();
  });

  async function lines(command: string, ...args: string[]): Promise<string[]> {
    const { stdout, stderr, status } = await runPeerpid([command, ...args], { wrapper: room.enter });
    assert.deepEqual([stderr, status], ['', 3], stdout);
    return stdout.trimEnd().split('\n');
  }

  it('are an edge for each verdict, with their number', async () => {
    const graph = await lines('scan', '--graph');
    const labels = graph.flatMap((line) =>
      /^ {2}"group.*->/.test(line) ? [/\[label="([^"]*)"/.exec(line)?.[1] ?? ''] : [],
    );
    assert.deepEqual(labels.sort(), [
      'closed at the other end\\nexited',
      'closed at the other end\\n×2',
      'exited',
      '×2',
    ]);
  });

  it('are counted for who connected, user and unit too', async () => {
    const counted = async (by: string): Promise<string[][]> =>
      (await lines('scan', '--by', by, '--no-header', '--summary', 'none')).map((line) =>
        line
          .replace(/\d+ ?(?=\(|$)/, 'N ')
          .split(/ {2,}/)
          .map((cell) => cell.trim()),
      );
    assert.deepEqual(await counted('client'), [
      ['exited', '3', '0', 'client N'],
      ['pinned', '2', '0', 'client N (closed)'],
      ['exited', '1', '0', 'PID N (ended)'],
    ]);
    const users = await lines('scan', '--by', 'user', '--no-header', '--summary', 'none');
    assert.deepEqual(
      users.map((line) => line.split(/ {2,}/)),
      [
        ['exited', '6', '1', 'root'],
        ['exited', '6', '0', '12345'],
      ],
    );
  });

  it('are one line with their number in inspect, too, and a line each with --each', async () => {
    const connected = async (...args: string[]): Promise<string[]> =>
      (await lines('inspect', '--connections', ...args, '@app')).filter((line) => line.startsWith('pinned '));
    assert.equal((await connected()).filter((line) => line.includes('×2')).length, 2);
    const each = await connected('--each');
    assert.ok(each.length === 5 && each.every((line) => !line.includes('×')), each.join('\n'));
  });
});
