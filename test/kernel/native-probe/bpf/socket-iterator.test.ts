import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';

import { SocketIterator } from '../../../../native-probe/bpf/socket-iterator.js';
import { recordFlag, type SocketRecords } from '../../../../native-probe/bpf/socket-records.js';
import { askForSenders } from '../../../../native-probe/message.js';
import { ownNetworkNamespace } from '../../../../native-probe/network-namespace.js';
import { openPidfd, pidfdId } from '../../../../native-probe/pidfd.js';
import { listSockets } from '../../../../native-probe/sock-diag.js';
import { column, rowSize } from '../../../../native-probe/socket-answers.js';
import { Surveyor } from '../../../../native-probe/survey.js';
import { uapi } from '../../../../native-probe/uapi.js';
import { listen, openSocket, bind, openSocketPair } from '../../../../native-probe/unix-socket.js';
import { isRoot, requirePrograms, requireThat } from '../../../helpers/machine/requirements.js';
import { Connected, freshName } from '../../../helpers/peers/connected.js';
import { Peer } from '../../../helpers/peers/peer.js';
import { Python } from '../../../helpers/peers/python.js';
import { repositoryPath } from '../../../helpers/pages.js';

const directory = repositoryPath('native-probe/bpf');

function recordsNow(): SocketRecords {
  using iterator = new SocketIterator(directory);
  return iterator.records();
}

/** The records of what a process has open, by descriptor and thread. */
function indexesOf(records: SocketRecords, pid: number): number[] {
  return Array.from({ length: records.count }, (_, index) => index).filter(
    (index) => records.number(index, 'holder') === pid && (records.flags(index) & recordFlag.ring) === 0,
  );
}

function recordAt(records: SocketRecords, pid: number, fd: number): number {
  const found = indexesOf(records, pid).filter((index) => records.number(index, 'fd') === fd);
  assert.equal(found.length, 1, `records of ${pid}'s descriptor ${fd}`);
  return found[0] ?? -1;
}

/** What a record tells that the socket itself can be asked for. */
function toldIn(records: SocketRecords, index: number): object {
  return {
    fd: records.number(index, 'fd'),
    inode: records.number(index, 'inode'),
    pid: records.number(index, 'recordedPid'),
    uid: records.number(index, 'recordedUid') | 0,
    gid: records.number(index, 'recordedGid') | 0,
    id: records.id(index, 'recordedId'),
    asks: records.flags(index) & recordFlag.asks,
  };
}

/** The same, asked on duplicates of the sockets. */
function askedOf(pid: number, inodes: ReadonlySet<number>): object[] {
  const surveyor = new Surveyor(inodes, 'peer', false);
  surveyor.visit(pid);
  const { rows } = surveyor.result();
  return Array.from({ length: rows.length / rowSize }, (_, row) => {
    const of = (name: keyof typeof column): number => rows[row * rowSize + column[name]] ?? 0;
    assert.equal(of('asked'), 1);
    return {
      fd: of('fd'),
      inode: of('inode'),
      pid: of('pid'),
      uid: of('uid'),
      gid: of('gid'),
      id: (BigInt(of('idHigh') >>> 0) << 32n) | BigInt(of('idLow') >>> 0),
      asks: of('asks'),
    };
  });
}

function byFd(one: object, other: object): number {
  return ('fd' in one ? Number(one.fd) : 0) - ('fd' in other ? Number(other.fd) : 0);
}

/** A thread calls unshare(CLONE_FILES), and then listens. */
const inThread = `
import ctypes, os, socket, sys, threading
made = threading.Event()
def run():
    if ctypes.CDLL(None).unshare(0x400) != 0: os._exit(1)
    global s; s = socket.socket(socket.AF_UNIX); s.bind('\\0' + sys.argv[1]); s.listen(5); made.set()
    threading.Event().wait()
for target in (run, threading.Event().wait, threading.Event().wait):
    threading.Thread(target=target, daemon=True).start()
made.wait()
print('ready', s.fileno(), flush=True)
sys.stdin.read()
os._exit(0)
`;

describe('the records of the socket iterator', () => {
  before(function () {
    requireThat(this, isRoot, 'BPF takes root');
  });

  it('say of each socket of a process what the socket says itself', async () => {
    await using both = await Connected.start();
    const { server, client } = both;
    for (const type of ['stream', 'dgram', 'seqpacket'] as const) await client.do('socketpair', type);
    await client.do('socket');
    await client.do('bindOnly', freshName(), 'dgram');
    // Asked of a passed descriptor, too: it is in two processes
    const [inherited = 0] = (await client.do('socketpair')) as number[];
    const child = await client.number('spawn', ['sleep', '60'], inherited);
    const records = recordsNow();
    for (const { ownPid } of [server, client, { ownPid: child }]) {
      const indexes = indexesOf(records, ownPid);
      const told = indexes.map((index) => toldIn(records, index)).sort(byFd);
      assert.ok(told.length >= 1);
      // Nobody has asked for the numbers that tell sockets apart before, and the kernel makes none for this
      assert.deepEqual(
        told,
        askedOf(ownPid, new Set(told.map((one) => ('inode' in one ? Number(one.inode) : 0)))).sort(byFd),
      );
      using pidfd = openPidfd(ownPid);
      assert.ok(indexes.every((index) => records.id(index, 'holderId') === (pidfdId(pidfd) ?? 0n)));
      assert.ok(indexes.every((index) => records.number(index, 'networkNamespace') === ownNetworkNamespace()));
    }
  });

  it('say what a socket asks of senders, and what was closed since', () => {
    const [one, other] = openSocketPair('dgram');
    using ours = one;
    {
      using theirs = other;
      const asks = (options: number): void => {
        const records = recordsNow();
        const index = recordAt(records, process.pid, ours.number);
        assert.equal(records.flags(index) & recordFlag.asks, options);
        assert.equal(records.number(index, 'peerInode'), statSync(`/proc/self/fd/${theirs.number}`).ino);
      };
      asks(8);
      askForSenders(ours, 'SO_PASSCRED');
      asks(9);
    }
    const after = recordsNow();
    assert.equal(after.number(recordAt(after, process.pid, ours.number), 'peerInode'), 0);
  });

  it('have types, states and queues as the kernel lists them', async () => {
    const name = freshName();
    using listener = openSocket('seqpacket');
    bind(listener, { kind: 'abstract', name: Buffer.from(name.slice(1)) });
    listen(listener, 7);
    await using client = await Peer.start();
    await client.do('connect', name, 'seqpacket');
    const [sender = 0, receiver = 0] = (await client.do('socketpair', 'dgram')) as number[];
    await client.do('send', sender, 'one');
    await client.do('send', sender, 'two');
    const listed = new Map(listSockets('all').map((socket) => [socket.inode, socket]));
    const records = recordsNow();
    const index = recordAt(records, process.pid, listener.number);
    assert.deepEqual(
      [records.type(index), records.state(index), records.number(index, 'queued'), records.number(index, 'backlog')],
      [uapi.SOCK_SEQPACKET, uapi.TCP_LISTEN, 1, 7],
    );
    assert.equal(records.number(recordAt(records, client.ownPid, receiver), 'queued'), 2);
    for (const one of indexesOf(records, client.ownPid)) {
      const socket = listed.get(records.number(one, 'inode'));
      assert.ok(socket);
      assert.equal(records.number(one, 'peerInode'), socket.peerInode ?? 0);
      assert.equal(records.id(one, 'cookie'), BigInt(socket.cookie ?? 0));
    }
  });

  it('say that the process of record is gone', async () => {
    await using both = await Connected.start();
    const fd = Number(/\d+$/.exec(both.accepted)?.[0]);
    const stateOf = (): [boolean, number] => {
      const records = recordsNow();
      const index = recordAt(records, both.server.ownPid, fd);
      return [(records.flags(index) & recordFlag.alive) !== 0, records.number(index, 'recordedPid')];
    };
    assert.deepEqual(stateOf(), [true, both.client.ownPid]);
    await both.client.exit();
    assert.deepEqual(stateOf(), [false, both.client.ownPid]);
  });

  it('have the table that a thread has of its own, beside that of the others once', async function () {
    requirePrograms(this, 'python3');
    const name = freshName();
    await using program = await Python.start(inThread, [], name.slice(1));
    const threads = readdirSync(`/proc/${program.pid}/task`).map(Number);
    assert.equal(threads.length, 4);
    const records = recordsNow();
    const listening = indexesOf(records, program.pid).filter((index) => records.state(index) === uapi.TCP_LISTEN);
    const [thread = 0, ...others] = listening.map((index) => records.number(index, 'thread'));
    assert.deepEqual(others, []);
    assert.ok(thread !== program.pid && threads.includes(thread));
  });

  it('are those of the PID namespace of who reads them', async function () {
    requirePrograms(this, 'unshare');
    await using inside = await Peer.start({ wrapper: ['unshare', '--pid', '--fork', '--mount-proc'] });
    const [fd = 0] = (await inside.do('socketpair')) as number[];
    const outside = recordsNow();
    const numbers = new Set(indexesOfAll(outside).map((index) => outside.number(index, 'holder')));
    assert.ok(numbers.size >= 2 && !numbers.has(0));
    const { holder, recordedPid, count } = (await inside.do('recordOf', directory, fd)) as Record<string, number>;
    assert.deepEqual([holder, recordedPid], [inside.ownPid, inside.ownPid]);
    assert.ok(count !== undefined && count < outside.count);
  });
});

function indexesOfAll(records: SocketRecords): number[] {
  return Array.from({ length: records.count }, (_, index) => index);
}
