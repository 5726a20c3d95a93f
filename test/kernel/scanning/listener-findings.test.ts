import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, renameSync } from 'node:fs';

import type { DiagSocket } from '../../../native-probe/diag-socket.js';
import { socketOfInode } from '../../../native-probe/sock-diag.js';
import { connect, openSocket } from '../../../native-probe/unix-socket.js';
import type { Somebody } from '../../../src/scanning/crowded/crowd.js';
import { listenerFindings } from '../../../src/scanning/listener-findings.js';
import type { Finding } from '../../../src/verdict/finding.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { BoundServer } from '../../helpers/peers/bound-server.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';

/** The server's socket as it is now. */
function now(server: BoundServer): DiagSocket {
  const socket = socketOfInode(server.socket.inode);
  assert.ok(socket);
  return socket;
}

function findingsOf(server: BoundServer, clients: Somebody[] = []): readonly Finding[] {
  const file = server.socket.address.kind === 'path' ? server.look() : undefined;
  return listenerFindings({ socket: now(server), file, taker: undefined, clients });
}

describe('the findings of a listener', () => {
  let directory: TemporaryDirectory;
  let path: string;

  prepareEach((keep) => {
    directory = keep(new TemporaryDirectory());
    path = directory.file('socket');
  });

  it('tell of a backlog as the kernel fills it: one more than listen(2) was given', async () => {
    for (const [most, warnings] of [
      [0, 0],
      [1, 1],
      [3, 2],
      [7, 3],
    ] as const) {
      const path = directory.file(`socket-${most}`);
      await using server = await BoundServer.start(path, {}, 'stream', most);
      chmodSync(path, 0o700);
      await using client = await Peer.start();
      const texts: (string | undefined)[] = [];
      for (let waiting = 1; waiting <= most + 1; waiting++) {
        await client.do('connect', path);
        assert.deepEqual(now(server).backlog, { waiting, most });
        assert.equal(now(server).pending?.length, waiting);
        const [finding] = findingsOf(
          server,
          Array.from({ length: waiting }, () => ({ pid: client.pid, comm: Buffer.from('node') })),
        );
        texts.push(finding?.text);
      }
      using another = openSocket('stream');
      assert.throws(() => {
        connect(another, { kind: 'path', path: Buffer.from(path) });
      }, /EAGAIN/);
      assert.equal(texts.filter((text) => text !== undefined).length, warnings, `${most}`);
      const from = `${client.pid} \\(node\\) × ${most + 1}`;
      if (most > 0) assert.match(texts.at(-1) ?? '', new RegExp(`^Its backlog is full: .* come from ${from}\\.$`));
      await server.peer.do('accept', server.holder.fds[0]);
      assert.equal(now(server).backlog?.waiting, most);
    }
  });

  it('tell whether anybody may connect, by the mode and the directories', async () => {
    await using server = await BoundServer.start(path);
    const ids = (): string[] => findingsOf(server).map(({ id }) => id);
    chmodSync(path, 0o777);
    assert.deepEqual(ids(), ['open-to-all']);
    chmodSync(directory.path, 0o700);
    assert.deepEqual(ids(), []);
    chmodSync(directory.path, 0o755);
    chmodSync(path, 0o770);
    assert.deepEqual(ids(), []);
  });

  it('do not call open to all what a mode or an access control list keeps somebody out of', async function () {
    requirePrograms(this, 'setfacl');
    await using server = await BoundServer.start(path);
    const ids = (): string[] => findingsOf(server).map(({ id }) => id);
    const withList = (file: string, list: string): string[] => {
      execFileSync('setfacl', ['-m', list, file]);
      const found = ids();
      execFileSync('setfacl', ['-b', file]);
      return found;
    };
    chmodSync(path, 0o666);
    assert.deepEqual(ids(), ['open-to-all']);
    assert.deepEqual(withList(path, 'u:61002:rw'), ['open-to-all']);
    assert.deepEqual(withList(path, 'u:61002:---'), []);
    assert.deepEqual(withList(path, 'g:62002:r'), []);
    assert.deepEqual(withList(directory.path, 'u:61002:r'), []);
    assert.deepEqual(withList(directory.path, 'g:62002:x'), ['open-to-all']);
    // Also after it was renamed
    renameSync(path, `${path}-moved`);
    assert.deepEqual(ids(), ['file-moved', 'open-to-all']);
    assert.deepEqual(withList(`${path}-moved`, 'u:61002:---'), ['file-moved']);
    assert.deepEqual(withList(directory.path, 'g:62002:-'), ['file-moved']);
    renameSync(`${path}-moved`, path);
    chmodSync(path, 0o606);
    assert.deepEqual(ids(), []);
  });

  it('tell of an abstract name, unless the socket takes datagrams of its peer only', async () => {
    const name = `@peerpid-test-${process.pid}`;
    await using server = await BoundServer.start(name, {}, 'dgram');
    assert.deepEqual(
      findingsOf(server).map(({ id }) => id),
      ['open-to-all'],
    );
    await using client = await Peer.start();
    const fd = await client.number('bindAndConnect', `${name}-client`, name, 'dgram');
    const bound = new BoundServer(client, fd);
    assert.equal(now(bound).peerInode, server.socket.inode);
    assert.deepEqual(findingsOf(bound), []);
    await assert.rejects(client.do('connect', `${name}-client`, 'dgram'), /EPERM/);
  });
});
