import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import type { ScannedSocketDocument } from '../../../src/document/scan-document.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { freshName } from '../../helpers/peers/connected.js';
import { scanJson } from '../../helpers/running/scan-json.js';
import { waitFor } from '../../helpers/wait-for.js';

/**
 * Accepts clients that end soon, and whose numbers are given to the next ones
 * at once. Prints of each connection its inode number and the client's pidfd id.
 */
const recycler = `
import ctypes, os, random, select, signal, socket, sys, time
libc = ctypes.CDLL(None)
name = b'\\0' + sys.argv[1].encode()
server = socket.socket(socket.AF_UNIX); server.bind(name); server.listen(8)
libc.prctl(15, b'recycler')
numbers = list(range(5000, 5016))
alive, held = {}, []
def fork_as(number):
    with open('/proc/sys/kernel/ns_last_pid', 'w') as last: last.write(str(number - 1))
    pid = os.fork()
    if pid == 0:
        libc.prctl(1, signal.SIGKILL)
        libc.prctl(15, b'recycled')
        try:
            client = socket.socket(socket.AF_UNIX); client.connect(name); signal.pause()
        finally: os._exit(1)
    return pid
def renew(number):
    if number in alive:
        os.kill(alive[number], 9); os.waitpid(alive[number], 0)
    pid = alive[number] = fork_as(number)
    connection = server.accept()[0]
    pidfd = os.pidfd_open(pid)
    print(os.fstat(connection.fileno()).st_ino, os.fstat(pidfd).st_ino, pid, flush=True)
    os.close(pidfd)
    held.append(connection)
    if len(held) > 40: held.pop(0).close()
deadline = time.time() + 60
while time.time() < deadline and not select.select([0], [], [], random.random() * .008)[0]:
    renew(random.choice(numbers))
for pid in alive.values(): os.kill(pid, 9)
`;

interface Logged {
  readonly id: number;
  readonly pid: number;
}

/** What is wrong with a row, of whose peer the test knows who it was. */
function* wrongIn(row: ScannedSocketDocument, { id, pid }: Logged): Generator<string> {
  const { verdict = 'not asked', basis, credential, byPid, byPidfd } = row;
  if (basis !== undefined && basis !== 'pidfd') yield `basis ${basis}`;
  if (credential && credential.pid !== pid) yield `credential ${credential.pid}`;
  if (byPidfd && byPidfd.pidfdId !== id) yield `byPidfd is ${byPidfd.pidfdId ?? ''}`;
  if (verdict === 'pinned' && byPid?.pidfdId !== id) yield `pinned, and the number is ${byPid?.pidfdId ?? 'nobody'}`;
  if (verdict === 'pinned' && byPidfd?.comm !== 'recycled') yield `pinned is ${byPidfd?.comm ?? ''}`;
  if (verdict === 'recycled' && (!byPid || byPid.pidfdId === id)) yield 'recycled, and nobody else has the number';
  if (verdict === 'exited' && byPid) yield 'exited, and somebody has the number';
  if (!['pinned', 'recycled', 'exited', 'not asked'].includes(verdict)) yield verdict;
}

describe('scan while numbers are given away again', () => {
  it('pinned is nobody but the peer, by the log of who it was', async function () {
    this.timeout(90_000);
    requirePrograms(this, 'python3', 'unshare', 'nsenter');
    requireThat(this, isRoot, 'namespaces take root');
    await using room = await Room.make();
    const [nsenter = '', ...args] = room.enter;
    const name = freshName();
    const python = spawn(nsenter, [...args, 'python3', '-c', recycler, name.slice(1)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let printed = '';
    python.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    const ended = once(python, 'exit');
    const rows: ScannedSocketDocument[] = [];
    try {
      await waitFor('there are connections', () => printed.split('\n').length > 40);
      for (let time = 0; time < 20; time++) {
        const { sockets } = await scanJson([], { wrapper: room.enter });
        rows.push(...sockets.filter(({ address, state }) => address === name && state === 'connected'));
      }
    } finally {
      python.stdin.end();
    }
    assert.deepEqual(await ended, [0, null]);

    const log = new Map(
      printed
        .trim()
        .split('\n')
        .map((line) => line.split(' ').map(Number))
        .map(([inode = 0, id = 0, pid = 0]) => [inode, { id, pid }]),
    );
    const pids = [...log.values()].map(({ pid }) => pid);
    assert.ok(new Set(pids).size < pids.length / 4, 'numbers were not given away again');
    const counts: Record<string, number> = {};
    for (const row of rows) {
      const logged = log.get(row.inode);
      // Not accepted yet when the recycler was ended
      if (logged === undefined) continue;
      counts[row.verdict ?? 'not asked'] = (counts[row.verdict ?? 'not asked'] ?? 0) + 1;
      assert.deepEqual([...wrongIn(row, logged)], [], JSON.stringify(row));
    }
    assert.ok((counts['pinned'] ?? 0) > 2 && (counts['recycled'] ?? 0) > 50, JSON.stringify(counts));
  });
});
