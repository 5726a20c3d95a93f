import assert from 'node:assert/strict';
import { unlinkSync } from 'node:fs';

import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { inspect } from '../../helpers/running/inspect.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { findingIds, heldAt, scan } from '../../helpers/running/scan.js';

describe('datagram receivers in scan', () => {
  let directory: TemporaryDirectory;
  let receiver: Peer;
  let sender: Peer;

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    receiver = keep(await Peer.start());
    sender = keep(await Peer.start());
  });

  it('have each sender that is connected to them, which has no credential', async () => {
    const path = directory.file('log');
    const fd = await receiver.number('listen', path, 'dgram');
    const before = (await scan()).of(receiver, fd);
    // The kernel calls a receiver connected from its first sender on
    assert.deepEqual([before.state, before.peerInode, before.verdict], ['unconnected', undefined, 'none']);
    await using another = await Peer.start();
    const first = await sender.number('connect', path, 'dgram');
    const second = await another.number('connect', path, 'dgram');
    const named = await another.number('bindAndConnect', `${path}-client`, path, 'dgram');

    const scanned = await scan();
    const row = scanned.of(receiver, fd);
    assert.deepEqual([row.type, row.address, row.peerInode], ['dgram', path, undefined]);
    assert.deepEqual([row.verdict, row.credential], ['none', null]);
    const senders = scanned.document.sockets.filter(({ peerInode }) => peerInode === row.inode);
    assert.deepEqual(
      new Set(senders.map(({ inode }) => inode)),
      new Set([scanned.of(sender, first), scanned.of(another, second), scanned.of(another, named)].map((r) => r.inode)),
    );
    for (const one of senders) assert.deepEqual([one.type, one.verdict, one.credential], ['dgram', 'none', null]);
    assert.deepEqual(heldAt(scanned.of(sender, first)), { [sender.pid]: [first] });
    assert.equal(scanned.of(another, named).address, `${path}-client`);

    const { stdout } = await runPeerpid(['scan', '--connections']);
    const lines = stdout.split('\n').filter((line) => line.includes(`${path} `));
    const clients = [sender.pid, another.pid, another.pid].map((pid) => `node ${receiver.pid} +node ${pid}`);
    assert.deepEqual(
      lines.map((line) => / {2}(node \d+) +(node \d+|\(receives\)) /.exec(line)?.slice(1).join(' +')).sort(),
      [...clients, `node ${receiver.pid} +(receives)`].sort(),
    );
  });

  it('are told as closed where another socket has their path by now, and found by it', async () => {
    const path = directory.file('log');
    const fd = await receiver.number('listen', path, 'dgram');
    const connected = await sender.number('connect', path, 'dgram');
    await receiver.do('close', fd);
    unlinkSync(path);
    await receiver.do('listen', path, 'dgram');

    const row = (await scan()).of(sender, connected);
    assert.deepEqual(
      [row.state, row.peerInode, row.peerAddress, row.receiverClosed],
      ['connected', undefined, path, true],
    );
    assert.deepEqual(findingIds(row), ['receiver-closed']);
    const { stdout } = await runPeerpid([
      'scan',
      '--connections',
      '--socket',
      path,
      '--no-header',
      '--summary',
      'none',
    ]);
    assert.match(stdout, new RegExp(`^\\S+ +dgram +${path} +\\S+ → \\? +\\(closed\\) +node ${sender.pid} `, 'm'));
    assert.match(stdout, new RegExp(`^\\S+ +dgram +${path} +\\S+ +node ${receiver.pid} +\\(receives\\) `, 'm'));
    const long = await runPeerpid(['scan', '--long', '--pid', `${sender.pid}`, '--summary', 'none']);
    assert.match(long.stdout, /^ +receiver +closed$/m);

    const inspected = await inspect([`/proc/${sender.pid}/fd/${connected}`]);
    assert.deepEqual([inspected.socket.peerAddress, inspected.socket.receiverClosed], [path, true]);
    assert.match(inspected.findings[0]?.text ?? '', /is closed: .*ECONNREFUSED.*another socket has the address/);
    const text = await runPeerpid(['inspect', `/proc/${sender.pid}/fd/${connected}`]);
    assert.match(text.stdout, new RegExp(`connected, inode \\d+, to a closed socket that was bound to ${path}$`, 'm'));
    // By what the sentence says
    await assert.rejects(sender.do('send', connected, 'x'), /ECONNREFUSED/);
  });

  it('leave their senders connected to nobody when they are closed', async () => {
    const name = freshName();
    const fd = await receiver.number('listen', name, 'dgram');
    const connected = await sender.number('connect', name, 'dgram');
    const [one = -1, other = -1] = (await sender.do('socketpair', 'dgram')) as number[];
    await receiver.do('close', fd);
    await sender.do('close', other);
    const scanned = await scan();
    assert.deepEqual(scanned.at(name), []);
    for (const left of [connected, one]) {
      const row = scanned.of(sender, left);
      assert.deepEqual([row.state, row.peerInode, row.address], ['connected', undefined, undefined]);
    }
    assert.deepEqual([scanned.of(sender, connected).verdict, scanned.of(sender, one).verdict], ['none', 'pinned']);
    const { stdout } = await runPeerpid(['scan', '--connections', '--own-namespace']);
    const lines = stdout.split('\n').filter((line) => / dgram .* node (\d+) /.exec(line)?.[1] === String(sender.pid));
    assert.deepEqual(
      lines.map((line) => line.split(/ {2,}/).toSpliced(3, 1).slice(0, 5)).sort(),
      [
        ['none', 'dgram', name, '(closed)', `node ${sender.pid}`],
        ['pinned', 'dgram', '-', '(closed)', `node ${sender.pid}`],
      ],
      stdout,
    );
  });

  it('say with two that are connected to each other that they take nothing from others', async () => {
    const [one, other] = [freshName(), freshName()];
    const first = await receiver.number('listen', one, 'dgram');
    assert.deepEqual(findingIds((await scan()).of(receiver, first)), ['open-to-all']);
    const second = await sender.number('bindAndConnect', other, one, 'dgram');
    const scanned = await scan();
    assert.deepEqual(findingIds(scanned.of(sender, second)), []);
    assert.deepEqual(findingIds(scanned.of(receiver, first)), ['open-to-all']);
  });
});
