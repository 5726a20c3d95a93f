import assert from 'node:assert/strict';

import { requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { Python } from '../../helpers/peers/python.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { Scanned } from '../../helpers/running/scan.js';
import type { ScanDocument, ScannedSocketDocument } from '../../../src/document/scan-document.js';

/**
 * In its mount namespace a listener at a path, which may ask for senders as journald does; a manager, which connects there, starts a service
 * with that as its standard output, and closes its own end. It may end, too.
 */
const script = `
import os, signal, socket, subprocess, sys
path, asks, lives = sys.argv[1:4]
subprocess.check_call(['mount', '-t', 'tmpfs', 'none', '/run']); os.makedirs(os.path.dirname(path))
listener = socket.socket(socket.AF_UNIX); listener.bind(path); listener.listen(9)
if asks == 'asks': listener.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
manager = os.fork()
if manager == 0:
    listener.close()
    stream = socket.socket(socket.AF_UNIX); stream.connect(path); stream.shutdown(socket.SHUT_RD)
    if os.fork() == 0:
        os.dup2(stream.fileno(), 1); os.dup2(stream.fileno(), 2); stream.close(); os.setuid(12345)
        os.execvp('sleep', ['sleep', '60'])
    stream.close()
    if lives == 'ends': os._exit(0)
    while True: signal.pause()
accepted, _ = listener.accept(); accepted.shutdown(socket.SHUT_WR)
if lives == 'ends': os.waitpid(manager, 0)
print('ready', flush=True); sys.stdin.read()
`;

const journal = '/run/systemd/journal/stdout';

describe('a standard output that was connected by whoever started the service', () => {
  let room: Room;

  before(function () {
    requirePrograms(this, 'python3', 'mount');
    requireNetworkNamespaces(this);
  });

  prepareEach(async (keep) => {
    room = keep(await Room.make());
  });

  async function scanned(
    path: string,
    asks: 'asks' | 'asks not',
    manager: 'lives' | 'ends',
    ...args: string[]
  ): Promise<{ readonly status: number | null; readonly row: ScannedSocketDocument; readonly table: string }> {
    await using _ = await Python.start(script, room.enter, path, asks, manager);
    const inside = { wrapper: room.enter };
    const { status, stdout } = await runPeerpid(['scan', '--json', ...args], inside);
    const { stdout: table } = await runPeerpid(
      ['scan', '--connections', '--connected', '--no-header', '--summary=none', ...args],
      inside,
    );
    return { status, row: new Scanned(JSON.parse(stdout) as ScanDocument).one(path, 'connected'), table };
  }

  it('is no alarm to journald, whether who connected runs or has ended', async () => {
    for (const [manager, verdict] of [
      ['lives', 'pinned'],
      ['ends', 'exited'],
    ] as const) {
      const { status, row, table } = await scanned(journal, 'asks', manager);
      assert.deepEqual([status, row.verdict, row.recordedBy, row.deceives], [0, verdict, 'connect(2)', undefined]);
      const differs = row.findings.find(({ id }) => id === 'holder-differs');
      assert.equal(differs?.severity, 'info');
      assert.match(differs.text, /the journal sees the sender of each message and relies on that/);
      assert.doesNotMatch(table, /holder-differs/);
    }
  });

  it('is one by --strict, of a service elsewhere, and of one that does not ask', async () => {
    assert.equal((await scanned('/run/strict/journal', 'asks', 'lives')).status, 0);
    for (const [path, asks, strict] of [
      [journal, 'asks', ['--strict']],
      ['/run/systemd/journal.own/stdout', 'asks not', []],
      ['/run/other/stdout', 'asks', []],
    ] as const) {
      const { status, row } = await scanned(path, asks, 'ends', ...strict);
      assert.deepEqual([status, row.verdict], [3, 'exited'], path);
    }
  });
});
