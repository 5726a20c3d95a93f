import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';

import { placesTaken } from '../../../native-probe/diag-socket.js';
import { socketOfInode } from '../../../native-probe/sock-diag.js';
import { asUser, assertProblem } from '../../helpers/assert-problem.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import type { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { publicDirectory } from '../../helpers/peers/service.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { inspect } from '../../helpers/running/inspect.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { socketInode } from '../../helpers/running/scan.js';

const nobody = asUser(65534, 65534);

describe('inspect: with a connection or without', () => {
  let directory: TemporaryDirectory;
  let server: Peer;
  let path: string;
  let inode: number;

  before(function () {
    requirePrograms(this, 'setpriv', 'unshare');
    requireThat(this, isRoot, 'needs root, to be another user, and to make network namespaces');
  });

  prepareEach(async (keep) => {
    directory = keep(publicDirectory());
    server = keep(await Peer.start());
    path = directory.file('socket');
    inode = socketInode(server, await server.number('listen', path));
    chmodSync(path, 0o666);
  });

  /** How many connections the service sees. */
  const taken = (): number => placesTaken(socketOfInode(inode)?.backlog ?? { waiting: 0, most: 0 });

  it('looks without where it may, and says so', async () => {
    const { socket, holders, credential } = await inspect(path);
    assert.deepEqual([socket.way, socket.whyConnected, socket.inode], ['duplicate', undefined, inode]);
    assert.deepEqual([holders?.map(({ pid }) => pid), credential?.pid], [[server.pid], server.pid]);
    const { stdout } = await runPeerpid(['inspect', path]);
    assert.match(stdout.replaceAll(/\s+/g, ' '), /, looked at without connecting: anybody may connect/);
    assert.doesNotMatch(stdout, /^connected/m);
    assert.equal(taken(), 0);
  });

  it('connects where it may not, and says why', async () => {
    const { socket, verdict } = await inspect(path, nobody);
    assert.deepEqual([socket.way, verdict], ['connection', 'pinned']);
    assert.match(socket.whyConnected ?? '', /hold/);
    assert.equal(taken(), 1);
    const { stdout } = await runPeerpid(['inspect', path], nobody);
    assert.match(stdout, /^connected +peerpid connected to it, which its service can see: .*hold/m);
    assert.doesNotMatch(stdout, /without connecting/);
  });

  it('connects without /proc', async () => {
    const inMounts = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh'];
    const { socket } = await inspect(path, { wrapper: inMounts });
    assert.equal(socket.way, 'connection');
    assert.match(socket.whyConnected ?? '', /\/proc/);
  });

  it('--connect connects in any case, --no-connect never does', async () => {
    const { socket } = await inspect(['--connect', path]);
    assert.deepEqual([socket.way, socket.whyConnected, socket.inode], ['connection', undefined, inode]);
    assert.equal(taken(), 1);
    assert.equal((await inspect(['--no-connect', path])).socket.way, 'duplicate');
    await assertProblem(['inspect', '--no-connect', path], { status: 1, message: /hold/, hint: /root/ }, nobody);
    assert.equal(taken(), 1);
    const both = { status: 2, message: /exclude each other/, hint: /usage/ };
    await assertProblem(['inspect', '--connect', '--no-connect', path], both);
  });

  it('says why nobody takes connections where that is so', async () => {
    await server.exit();
    await assertProblem(['inspect', path], { status: 1, message: /nobody listens on/, hint: /Start the service/ });
  });

  it('looks into other network namespaces that a path leads to, unless with --own-namespace', async () => {
    const elsewhere = { wrapper: ['unshare', '--net'] };
    for (const flags of [[], ['--no-connect']]) {
      const { socket, holders } = await inspect([...flags, path], elsewhere);
      assert.deepEqual([socket.way, socket.inode, holders?.map(({ pid }) => pid)], ['duplicate', inode, [server.pid]]);
    }
    assert.equal(taken(), 0);
    const { socket } = await inspect(['--own-namespace', path], elsewhere);
    assert.deepEqual([socket.way, socket.inode], ['connection', undefined]);
    assert.equal(taken(), 1);
    // What was connected to is found there, too
    const connected = await inspect(['--connect', path], elsewhere);
    assert.deepEqual([connected.socket.way, connected.holders?.map(({ pid }) => pid)], ['connection', [server.pid]]);
    const alone = await inspect(['--connect', '--own-namespace', path], elsewhere);
    assert.equal(alone.holders, undefined);
  });
});
