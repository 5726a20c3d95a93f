import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';

import type { ScanDocument } from '../../../src/document/scan-document.js';
import { requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { type RunOptions, runPeerpid } from '../../helpers/running/run-peerpid.js';
import { heldAt, scan, type Scanned } from '../../helpers/running/scan.js';

/** The same name in each namespace. */
const name = freshName();

interface Listener {
  readonly peer: Peer;
  readonly fd: number;
  readonly accepted: number;
}

function networkNamespaceOf(pid: number): number {
  return Number(/\d+/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[0]);
}

/** Listens at the name, and connects to it. */
async function listenAndConnect(peer: Peer): Promise<Listener> {
  const fd = await peer.number('listen', name);
  await peer.do('connect', name);
  return { peer, fd, accepted: await peer.number('accept', fd) };
}

/** Only in the room's mount namespace, which goes with it. */
function bindInRoom(room: Room, pid: number, bound: string): void {
  const script =
    'mount -t tmpfs none /run && mkdir /run/netns && touch "/run/netns/$2" && mount --bind "/proc/$1/ns/net" "/run/netns/$2"';
  const [nsenter = '', ...args] = room.enter;
  execFileSync(nsenter, [...args, 'sh', '-c', script, 'sh', String(pid), bound]);
}

describe('scan of network namespaces', () => {
  const directory = new TemporaryDirectory();
  const peers: Peer[] = [];
  let room: Room;
  let own: Listener;
  let lived: Listener;
  /** Has sockets of a namespace in which nothing else is left. */
  let keeper: Peer;
  let passed: readonly number[];
  let inodes: { own: number; lived: number; bound: number; kept: number };
  let all: Scanned;

  async function start(...wrapper: string[]): Promise<Peer> {
    const peer = await Peer.start({ wrapper: [...room.enter, ...wrapper] });
    peers.push(peer);
    return peer;
  }

  before(async function () {
    requireNetworkNamespaces(this);
    requirePrograms(this, 'mount', 'setpriv');
    room = await Room.make();
    own = await listenAndConnect(room.init);
    lived = await listenAndConnect(await start('unshare', '--net'));
    keeper = await start();
    const meeting = await keeper.number('listen', directory.file('meeting'));

    const leaving = await start('unshare', '--net');
    const { fd, accepted } = await listenAndConnect(leaving);
    // A path leads out of a network namespace
    const way = await leaving.number('connect', directory.file('meeting'));
    await leaving.do('sendmsg', way, 'take these', { pass: [fd, accepted] });
    passed = (await keeper.do('takePassed', await keeper.number('accept', meeting))) as number[];

    const binder = await start('unshare', '--net');
    bindInRoom(room, binder.ownPid, 'a \x1b[31mname');
    inodes = {
      own: networkNamespaceOf(room.initPid),
      lived: namespaceInside(lived.peer),
      bound: namespaceInside(binder),
      kept: namespaceInside(leaving),
    };
    await leaving.exit();
    await binder.exit();
    all = await scan([], everywhere());
  });

  after(async () => {
    for (const peer of peers) await peer[Symbol.asyncDispose]();
    await room[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  const everywhere = (): RunOptions => ({ wrapper: room.enter, everywhere: true });

  /** As a process of the room sees it, whose numbers are not ours. */
  function namespaceInside(peer: Peer): number {
    const [nsenter = '', ...args] = room.enter;
    const link = execFileSync(nsenter, [...args, 'readlink', `/proc/${peer.ownPid}/ns/net`], { encoding: 'utf8' });
    return Number(/\d+/.exec(link)?.[0]);
  }

  const documentOf = (inode: number): ScanDocument['networkNamespaces'][number] | undefined =>
    all.document.networkNamespaces.find((one) => one.inode === inode);

  const listeners = (): ScanDocument['sockets'] => all.at(name).filter(({ state }) => state === 'listening');

  it('one name in three of them: each listener lives where it is, and has its holder', () => {
    const where = listeners().map(({ networkNamespace, ...row }) => [networkNamespace, heldAt(row)] as const);
    assert.deepEqual(
      new Map(where),
      new Map<number | undefined, object>([
        [inodes.own, { [room.init.ownPid]: [own.fd] }],
        [inodes.lived, { [lived.peer.ownPid]: [lived.fd] }],
        [inodes.kept, { [keeper.ownPid]: [passed[0]] }],
      ]),
    );
    assert.equal(where.length, 3);
  });

  it('each connection pairs within its own', () => {
    const accepted = all.at(name).filter(({ state }) => state === 'connected');
    assert.equal(accepted.length, 3);
    for (const row of accepted) {
      // The client of the one that was left is gone
      if (row.networkNamespace === inodes.kept) {
        assert.equal(row.peerInode === undefined || row.shutdown?.includes('receive'), true);
        continue;
      }
      const client = all.otherEnd(row);
      assert.equal(client.networkNamespace, row.networkNamespace);
      assert.deepEqual([client.verdict, row.verdict], ['pinned', 'pinned']);
      assert.deepEqual(client.byPidfd?.pid, row.byPidfd?.pid);
    }
  });

  it('what was left by its processes is audited as everything is: its listener has exited', () => {
    const left = listeners().find(({ networkNamespace }) => networkNamespace === inodes.kept);
    assert.equal(left?.verdict, 'exited');
    assert.deepEqual(left.byPidfd?.exitStatus, { code: 0 });
  });

  it('tells each: which is its own, by which name it is bound, who lives in it', () => {
    const ownOne = documentOf(inodes.own);
    assert.deepEqual([ownOne?.own, ownOne?.listed], [true, true]);
    const livedOne = documentOf(inodes.lived);
    assert.deepEqual([livedOne?.own, livedOne?.listed, livedOne?.processes], [false, true, 1]);
    assert.equal(livedOne?.process?.pid, lived.peer.ownPid);
    assert.deepEqual(documentOf(inodes.bound), {
      inode: inodes.bound,
      own: false,
      listed: true,
      name: 'a \\x1b[31mname',
    });
    assert.deepEqual(documentOf(inodes.kept), { inode: inodes.kept, own: false, listed: true });
    assert.equal(all.document.networkNamespaces[0]?.own, true);
    const { networkNamespaces, withoutNamespace, reasons } = all.document.notSeen;
    assert.deepEqual([networkNamespaces, withoutNamespace, reasons], [0, { processes: 0, sockets: 0 }, []]);
  });

  it('the table tells them apart in a column of its own, and escapes their names', async () => {
    const { stdout } = await runPeerpid(['scan', '-a'], everywhere());
    const [heading = '', ...lines] = stdout.split('\n');
    assert.match(heading, /^VERDICT +TYPE +NETNS +ADDRESS/);
    const from = heading.indexOf('NETNS');
    const cells = lines.filter((line) => line.includes(name)).map((line) => line.slice(from).split(/ {2,}/)[0]);
    // A listener and a connection each
    const comm = documentOf(inodes.lived)?.process?.comm ?? '';
    const livedName = `${comm} ${lived.peer.ownPid}`;
    assert.deepEqual(new Set(cells), new Set(['own', livedName, String(inodes.kept)]));
    assert.doesNotMatch(stdout, /\x1b/);
  });

  it('with --own-namespace they are counted, and their sockets are nowhere', async () => {
    const { document } = await scan(['--own-namespace'], { wrapper: room.enter });
    assert.deepEqual(new Set(document.sockets.map(({ networkNamespace }) => networkNamespace)), new Set([inodes.own]));
    // Nobody knows of the one that a socket keeps
    assert.equal(document.notSeen.networkNamespaces, 2);
    const others = document.networkNamespaces.filter(({ listed }) => !listed);
    assert.deepEqual(new Set(others.map(({ inode }) => inode)), new Set([inodes.lived, inodes.bound]));
    assert.ok(others.every(({ refused }) => refused === undefined));
    const { stdout } = await runPeerpid(['scan', '--own-namespace'], { wrapper: room.enter });
    assert.match(stdout, /^not looked into: 2 other network namespaces \(--own-namespace\)$/m);
    assert.doesNotMatch(stdout.split('\n')[0] ?? '', /NETNS/);
  });

  it('root who may not enter says so, and does not look complete', async () => {
    // setns(2) into a network namespace takes CAP_SYS_ADMIN
    const wrapper = [...room.enter, 'setpriv', '--bounding-set', '-sys_admin', '--inh-caps', '-all'];
    const { document } = await scan([], { wrapper, everywhere: true });
    for (const inode of [inodes.lived, inodes.bound, inodes.kept]) {
      const one = document.networkNamespaces.find((namespace) => namespace.inode === inode);
      assert.deepEqual([one?.listed, one?.refused], [false, 'setns net: operation not permitted (EPERM)']);
    }
    assert.ok(document.notSeen.networkNamespaces >= 3);
    assert.ok(document.sockets.every(({ networkNamespace }) => networkNamespace === inodes.own));
    const entering = 'entering a network namespace needs CAP_SYS_ADMIN over it';
    assert.deepEqual(
      document.notSeen.reasons.filter(({ fact }) => fact === 'networkNamespaces'),
      [{ fact: 'networkNamespaces', reason: entering }],
    );
    const { stdout } = await runPeerpid(['scan'], { wrapper, everywhere: true });
    assert.match(stdout, new RegExp(`^could not be looked into: \\d other network namespaces: ${entering}$`, 'm'));
    assert.doesNotMatch(stdout, /^why no network namespace/m);
  });

  it('a client that waits at a listener elsewhere has a ?, which is explained below', async () => {
    const path = directory.file('crossing');
    await lived.peer.do('listen', path);
    await keeper.do('connect', path);
    const { document } = await scan([], { wrapper: room.enter });
    assert.equal(document.notSeen.withoutOtherEnd, 1);
    const { stdout } = await runPeerpid(['scan', '--connections'], { wrapper: room.enter });
    assert.match(stdout, / {2}\? {2}/);
    assert.match(
      stdout,
      /^no other end was seen of 1 socket \(\?\): it waits to be accepted, by a listener in a network/m,
    );
    const whole = await scan([], everywhere());
    assert.equal(whole.document.notSeen.withoutOtherEnd, undefined);
    assert.doesNotMatch((await runPeerpid(['scan'], everywhere())).stdout, /no other end was seen/);
  });
});
