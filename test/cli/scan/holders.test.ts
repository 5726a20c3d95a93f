import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';

import { socketOfInode } from '../../../native-probe/sock-diag.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { freshName } from '../../helpers/peers/connected.js';
import { passDescriptor } from '../../helpers/peers/pass-descriptor.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { findingIds, findingText, heldAt, scan, socketInode } from '../../helpers/running/scan.js';
import { waitFor } from '../../helpers/wait-for.js';

describe('who scan says has a socket open', () => {
  let server: Peer;
  let client: Peer;

  prepareEach(async (keep) => {
    server = keep(await Peer.start());
    client = keep(await Peer.start());
  });

  it('is each process that inherited it, with every descriptor', async () => {
    const listener = await server.number('listen', freshName());
    const first = await server.number('spawn', ['sleep', '60'], listener, listener);
    const second = await server.number('spawn', ['sleep', '60'], listener);
    const row = (await scan()).of(server, listener);
    assert.deepEqual(heldAt(row), { [server.pid]: [listener], [first]: [3, 4], [second]: [3] });
    assert.deepEqual(
      row.holders.map(({ pid }) => pid),
      [server.pid, first, second].sort((a, b) => a - b),
    );
    assert.equal(row.holders.find(({ pid }) => pid === first)?.comm, 'sleep');
    assert.equal(new Set(row.holders.map(({ pidfdId }) => pidfdId)).size, 3);
    assert.ok(findingIds(row).includes('shared-socket'));
    assert.match(findingText(row, 'shared-socket'), /^2 other processes have the same socket open\./);
  });

  it('is a process to which it was passed: then the process of record need not have it any more', async () => {
    const name = freshName();
    const listener = await server.number('listen', name);
    const connected = await client.number('connect', name);
    const accepted = await server.number('accept', listener);
    await using heir = await Peer.start();
    const taken = await passDescriptor(server, accepted, heir);

    const shared = await scan();
    assert.deepEqual(heldAt(shared.of(server, accepted)), { [server.pid]: [accepted], [heir.pid]: [taken] });
    assert.deepEqual(findingIds(shared.of(client, connected)), ['shared-socket']);
    assert.deepEqual(findingIds(shared.of(server, accepted)), []);

    await server.do('close', accepted);
    const scanned = await scan();
    const ofService = scanned.of(heir, taken);
    assert.deepEqual(heldAt(ofService), { [heir.pid]: [taken] });
    assert.deepEqual([ofService.verdict, ofService.credential?.pid], ['pinned', client.pid]);
    const ofClient = scanned.otherEnd(ofService);
    assert.deepEqual([ofClient.verdict, ofClient.credential?.pid], ['pinned', server.pid]);
    // The client is told of who called listen(2), and by now talks to another
    assert.deepEqual(findingIds(ofClient), ['holder-differs']);
    assert.match(findingText(ofClient, 'holder-differs'), /called listen\(2\) does not .* open, and another does/);
    assert.equal(ofClient.seenBy?.holder, client.pid);
  });

  it('is nobody while it is on the way in a message, and the row says so', async () => {
    const listener = await server.number('listen', freshName());
    const inode = socketInode(server, listener);
    const [one = -1] = (await server.do('socketpair')) as number[];
    await server.do('sendmsg', one, 'here', { pass: [listener] });
    await server.do('close', listener);
    const row = (await scan()).row(inode);
    assert.equal(row.state, 'listening');
    assert.deepEqual([row.holders, row.verdict, row.credential], [[], undefined, undefined]);
    const [{ fact, reason } = { fact: '', reason: '' }] = row.unavailable;
    assert.equal(fact, 'credential');
    assert.match(reason, /^no process was seen that has the socket open: .*in flight in a message/);
  });

  it('is a process whose first thread has ended, and the socket is asked all the same', async function () {
    requirePrograms(this, 'python3');
    const name = freshName();
    const socket = await server.number('listen', name);
    const child = await client.number('spawn', ['python3', '-c', withoutFirstThread, name.slice(1)]);
    await waitFor('its first thread ends, and the other has connected', () => {
      return isWithoutFirstThread(child) && socketOfInode(socketInode(server, socket))?.backlog?.waiting === 1;
    });
    const scanned = await scan();
    const ofClient = scanned.document.sockets.find(({ holders }) => holders.some(({ pid }) => pid === child));
    assert.equal(ofClient?.state, 'connected');
    assert.deepEqual([ofClient.verdict, ofClient.credential?.pid], ['pinned', server.pid]);
    assert.deepEqual([ofClient.seenBy?.holder, ofClient.seenBy?.verdict], [child, 'pinned']);
    assert.ok(!scanned.document.notSeen.processes.some(({ pid }) => pid === child));
    const listener = scanned.one(name, 'listening');
    assert.deepEqual(
      listener.pending?.map(({ inode, holders }) => [inode, holders[0]?.pid]),
      [[ofClient.inode, child]],
    );
    const accepted = (await server.do('accept', socket)) as number;
    const ofServer = (await scan()).of(server, accepted);
    assert.deepEqual(
      [ofServer.verdict, ofServer.credential?.pid, ofServer.byPidfd?.state],
      ['pinned', child, 'running'],
    );
    assert.deepEqual(findingIds(ofServer), ['ending']);
    assert.match(findingText(ofServer, 'ending'), /^Its first thread has ended, and 1 other has not ended\.$/);
    assert.equal(ofServer.byPidfd?.activity, 'first-thread-ended');
    assert.equal(ofClient.holders[0]?.activity, 'first-thread-ended');
    // Its root is that of the other thread, and ours: no names of its own
    assert.deepEqual(
      ofClient.unavailable.filter(({ fact }) => fact.startsWith('seenBy')),
      [],
    );
  });
});

/** Another thread connects once the first one has ended: pthread_exit(3) in main. */
const withoutFirstThread = `
import ctypes, platform, socket, sys, threading, time
def run():
    time.sleep(0.2)
    s = socket.socket(socket.AF_UNIX)
    s.connect('\\0' + sys.argv[1])
    time.sleep(60)
threading.Thread(target=run).start()
exit = {'x86_64': 60, 'aarch64': 93}[platform.machine()] # of this thread only. exit(2)
ctypes.CDLL(None).syscall(exit, 0)
`;

/** A process whose first thread has ended has no descriptors in /proc/PID/fd. */
function isWithoutFirstThread(pid: number): boolean {
  try {
    readlinkSync(`/proc/${pid}/exe`);
    return false;
  } catch {
    return true;
  }
}
