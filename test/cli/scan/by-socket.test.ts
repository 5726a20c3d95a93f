import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';

import type { ScanDocument, ScannedSocketDocument } from '../../../src/document/scan-document.js';
import { assertProblemText } from '../../helpers/assert-problem.js';
import { requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Python } from '../../helpers/peers/python.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

describe('peerpid scan --socket', () => {
  let room: Room;
  let directory: TemporaryDirectory;
  let server: Peer;

  before(function () {
    requireNetworkNamespaces(this);
  });

  prepareEach(async (keep) => {
    room = keep(await Room.make());
    directory = keep(new TemporaryDirectory());
    server = keep(await Peer.start({ wrapper: inside() }));
  });

  /** Entering a mount namespace leads to its root. */
  const inside = (): string[] => [...room.enter, `--wd=${directory.path}`];
  const found = async (typed: string): Promise<readonly ScannedSocketDocument[]> => {
    const args = ['scan', '--json', '--allow-empty', '--socket', typed];
    const { stdout } = await runPeerpid(args, { wrapper: inside() });
    return (JSON.parse(stdout) as ScanDocument).sockets;
  };
  const addresses = async (typed: string): Promise<(string | undefined)[]> =>
    (await found(typed)).map(({ address }) => address);

  it('takes a path by a symbolic link, relative, with more than is needed, and by its hard link', async () => {
    mkdirSync(directory.file('real'));
    symlinkSync('real', directory.file('link'));
    const path = directory.file('real/docker.sock');
    await server.do('listen', path);
    await server.do('listen', directory.file('real/other.sock'));
    linkSync(path, directory.file('hard'));
    for (const typed of [
      path,
      directory.file('link/docker.sock'),
      directory.file('real//../real/./docker.sock'),
      'real/docker.sock',
      'hard',
      `unix://${directory.file('link/docker.sock')}`,
      `unix:path=${directory.file('link/docker.sock')},guid=0123,@nothing`,
    ]) {
      assert.deepEqual(await addresses(typed), [path], typed);
    }
    assert.deepEqual(await addresses('!link/docker.sock'), [directory.file('real/other.sock')]);
  });

  it('finds a socket whose file was renamed, by both names; one that was deleted, by its name', async () => {
    const [path, moved] = [directory.file('app.sock.tmp'), directory.file('app.sock')];
    await server.do('listen', path);
    renameSync(path, moved);
    assert.deepEqual(await addresses(moved), [path]);
    assert.equal((await found(moved))[0]?.reachedBy, moved);
    assert.deepEqual(await addresses(path), [path]);
    rmSync(moved);
    assert.deepEqual(await addresses(path), [path]);
    assert.deepEqual(await addresses(moved), []);
  });

  it('takes the whole connection: the ends that were accepted, and their clients', async () => {
    symlinkSync('socket', directory.file('link'));
    const fd = await server.number('listen', directory.file('socket'));
    await server.do('connect', directory.file('socket'));
    await server.do('accept', fd);
    assert.equal((await found('link')).length, 3);
  });

  it('finds what was bound to a relative path, below a chroot or through a descriptor of its directory', async function () {
    requireThat(this, isRoot, 'chroot(2) takes root');
    requirePrograms(this, 'python3');
    mkdirSync(directory.file('sub'));
    await using bound = await Python.start(
      `import os, socket, sys
sockets = []
def listen(path):
    s = socket.socket(socket.AF_UNIX); s.bind(path); s.listen(); sockets.append(s)
os.chdir(sys.argv[1]); listen('relative.sock')
d = os.open('sub', os.O_DIRECTORY); listen(f'/proc/self/fd/{d}/through.sock')
os.chroot('.'); listen('/jailed.sock')
print('ready', flush=True); sys.stdin.read()`,
      room.enter,
      directory.path,
    );
    assert.ok(bound);
    const ways = ['relative.sock', 'jailed.sock', 'sub/through.sock'].map((name) => directory.file(name));
    const rows = await Promise.all(ways.map((way) => found(way)));
    assert.deepEqual(
      rows.map(([row]) => row?.reachedBy),
      ways,
    );
    const { stdout } = await runPeerpid(['scan', '--long', '--socket', ways[1] ?? ''], { wrapper: inside() });
    assert.match(stdout, /stream {2}\/jailed\.sock\n {2}reached by +\S+\/jailed\.sock\n/);
    const [relative, jailed] = [await addresses(directory.file('relative.sock')), await addresses('jailed.sock')];
    assert.deepEqual([relative, jailed], [['relative.sock'], ['/jailed.sock']]);
    assert.match(
      (await addresses(directory.file('sub/through.sock')))[0] ?? '',
      /^\/proc\/self\/fd\/\d+\/through\.sock$/,
    );
  });

  it('takes an inode and a descriptor of either end, and @ for NUL as ss prints it', async () => {
    const fd = await server.number('listen', '@a\\x00');
    await server.do('connect', '@a\\x00');
    const accepted = await server.number('accept', fd);
    const ends = (await found('@a@')).filter(({ state }) => state === 'connected');
    assert.equal(ends.length, 2);
    for (const { inode } of ends) {
      assert.deepEqual(
        (await found(`socket:[${inode}]`)).map((row) => row.inode).sort(),
        ends.map((row) => row.inode).sort(),
      );
    }
    const byDescriptor = await found(`/proc/${server.ownPid}/fd/${accepted}`);
    assert.deepEqual(byDescriptor.map((row) => row.inode).sort(), ends.map((row) => row.inode).sort());
    assert.equal((await found(`/proc/${server.ownPid}/fd/999`)).length, 0);
  });

  it('takes back every address that is printed', async () => {
    const names = [
      '@abstract',
      '@with\\x00nul\\xff',
      '@comma,no*[b]',
      '@\\x5cx41',
      'relative',
      './@at',
      './-dash',
      './unix:path=x',
      './socket:[1]',
      './%2Fx',
      'a\\x0ab',
      'a, b',
      'a\\u{202e}b',
      directory.file('absolute'),
    ];
    for (const name of names) await server.do('listen', name);
    const { stdout: json } = await runPeerpid(['scan', '--json', '--listening'], { wrapper: room.enter });
    const inJson = (JSON.parse(json) as ScanDocument).sockets.flatMap(({ address }) => address ?? []);
    const columns = ['scan', '--nul', '--no-header', '--columns', 'address', '--listening', '--summary', 'none'];
    const { stdout: text } = await runPeerpid(columns, { wrapper: room.enter });
    const printed = [...new Set([...inJson, ...text.split('\0').map((line) => line.replace(/^\n/, ''))])].filter(
      Boolean,
    );
    assert.ok(inJson.length === names.length && printed.length >= names.length, printed.join(' '));
    for (const address of printed) {
      const rows = await found(address);
      assert.equal(rows.length, 1, `${address}: ${rows.map((row) => row.address).join(' ')}`);
      const args = ['inspect', '--json', '--', address];
      const inspected = await runPeerpid(args, { wrapper: inside() });
      const { socket } = JSON.parse(inspected.stdout) as { socket: { inode: number } };
      assert.equal(socket.inode, rows[0]?.inode, address);
    }
  });

  it('has the file in JSON as mountinfo and stat(1) have it', async () => {
    const path = directory.file('socket');
    await server.do('listen', path);
    const [row] = await found(path);
    const stat = execFileSync('stat', ['--format', '%Hd:%Ld %i', path], { encoding: 'utf8' }).trim();
    assert.equal(row?.reachedBy, undefined);
    const { device, inode } = row?.boundInode ?? assert.fail();
    assert.equal(
      `${device} ${inode}`,
      `${stat.split(' ')[0] ?? ''} ${Number(BigInt(stat.split(' ')[1] ?? '') & 0xffffffffn)}`,
    );
  });

  it('says where a path leads to nothing', async () => {
    const outcome = await runPeerpid(['scan', '--socket', '/no/such,@a', '--columns', 'address'], {
      wrapper: room.enter,
    });
    assertProblemText(
      { ...outcome, stdout: '' },
      {
        status: 1,
        message: /^nothing matches --socket \/no\/such,@a$/,
        hint: /^There is no file \/no\/such\. If/,
      },
    );
  });
});
