import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { requireKernel } from '../../helpers/machine/kernel-gives.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Connected, freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { findingIds, inspect } from '../../helpers/running/inspect.js';
import { waitFor } from '../../helpers/wait-for.js';

describe('verdict pinned', () => {
  before(async function () {
    await requireKernel(this, 'a pidfd of a peer');
  });

  for (const type of ['stream', 'seqpacket'] as const) {
    it(`is of a ${type} listener, before it accepts, by path and by abstract name`, async () => {
      using directory = new TemporaryDirectory();
      await using server = await Peer.start();
      for (const address of [directory.file('socket'), freshName()]) {
        await server.do('listen', address, type);
        const document = await inspect(address);
        assert.equal(document.verdict, 'pinned');
        assert.equal(document.basis, 'pidfd');
        assert.equal(document.recordedBy, 'listen(2)');
        assert.equal(document.credential?.pid, server.pid);
        assert.equal(document.byPidfd?.pid, server.pid);
        assert.deepEqual(document.byPid, document.byPidfd);
        assert.equal(document.socket.type, type);
        assert.equal(document.socket.address, address);
        assert.deepEqual(
          document.holders?.map(({ pid }) => pid),
          [server.pid],
        );
        assert.deepEqual(findingIds(document), []);
      }
    });
  }

  it('is of a client, by the accepted socket, and of the listener, by the client’s', async () => {
    await using both = await Connected.start();
    const client = await inspect(both.accepted);
    assert.equal(client.verdict, 'pinned');
    assert.equal(client.recordedBy, 'connect(2)');
    assert.equal(client.byPidfd?.pid, both.client.pid);
    const listener = await inspect(`/proc/${both.client.pid}/fd/${both.clientFd}`);
    assert.equal(listener.verdict, 'pinned');
    assert.equal(listener.recordedBy, 'listen(2)');
    assert.equal(listener.byPidfd?.pid, both.server.pid);
    assert.notEqual(listener.byPidfd.pidfdId, client.byPidfd.pidfdId);
  });

  it('is of the process that called listen(2), by the listening descriptor itself', async () => {
    await using server = await Peer.start();
    const listener = await server.number('listen', freshName());
    const document = await inspect(`/proc/${server.pid}/fd/${listener}`);
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.socket.state, 'listening');
    assert.equal(document.recordedBy, 'listen(2)');
    assert.equal(document.byPidfd?.pid, server.pid);
  });

  for (const type of ['stream', 'seqpacket', 'dgram'] as const) {
    it(`is of the process that made a ${type} socketpair`, async () => {
      await using peer = await Peer.start();
      const [fd = 0] = (await peer.do('socketpair', type)) as number[];
      const document = await inspect(`/proc/${peer.pid}/fd/${fd}`);
      assert.equal(document.verdict, 'pinned');
      assert.equal(document.recordedBy, 'socketpair(2)');
      assert.equal(document.socket.type, type);
      assert.equal(document.socket.address, undefined);
      assert.equal(document.byPidfd?.pid, peer.pid);
    });
  }

  it('is of the process that was handed its standard input, by /proc/self/fd/0: its parent', async () => {
    const document = await inspect('/proc/self/fd/0');
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.byPidfd?.pid, process.pid);
    assert.deepEqual(findingIds(document), []);
  });

  it('stays when the client runs another program (execve(2))', async function () {
    requirePrograms(this, 'perl', 'sleep');
    const name = freshName();
    await using server = await Peer.start();
    const listener = await server.number('listen', name);
    const program = `use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0); $^F = 9;
      connect($s, pack_sockaddr_un("\\0" . substr($ARGV[0], 1))) or die; <STDIN>; exec 'sleep', '60'`;
    const client = spawn('perl', ['-e', program, name], { stdio: ['pipe', 'ignore', 'inherit'] });
    try {
      const socket = `/proc/${server.pid}/fd/${await server.number('accept', listener)}`;
      const before = await inspect(socket);
      client.stdin.end('\n');
      await waitFor('it is sleep', () => readFileSync(`/proc/${client.pid ?? 0}/comm`, 'utf8') === 'sleep\n');
      const after = await inspect(socket);
      assert.equal(before.byPidfd?.comm, 'perl');
      assert.equal(after.byPidfd?.comm, 'sleep');
      assert.equal(after.verdict, 'pinned');
      assert.equal(after.byPidfd.pidfdId, before.byPidfd.pidfdId);
      assert.match(after.text, /another program/);
    } finally {
      client.kill('SIGKILL');
    }
  });
});
