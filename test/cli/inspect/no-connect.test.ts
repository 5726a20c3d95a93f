import assert from 'node:assert/strict';

import { placesTaken } from '../../../native-probe/diag-socket.js';
import { socketOfInode } from '../../../native-probe/sock-diag.js';
import type { InspectDocument } from '../../../src/document/inspect-document.js';
import { assertProblem } from '../../helpers/assert-problem.js';
import { requireKernel, verdictOf } from '../../helpers/machine/kernel-gives.js';
import { requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { runInjected, whyNoStrace } from '../../helpers/machine/strace.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { findingIds, inspect } from '../../helpers/running/inspect.js';
import { Listening } from '../../helpers/running/listening.js';
import { type RunOptions, runPeerpid } from '../../helpers/running/run-peerpid.js';

/** How many wait to be accepted: one that has gone again is among them. */
function waiting({ socket }: InspectDocument): number | undefined {
  const backlog = socketOfInode(socket.inode ?? 0)?.backlog;
  return backlog && placesTaken(backlog);
}

/** AppArmor labels peers from Linux 6.17 on, but on connections only: a listener has none for itself. */
function withoutLabel({ credential, unavailable, ...rest }: Omit<InspectDocument, 'socket'>): unknown {
  const { securityLabel: _label, ...numbers } = credential ?? {};
  return { ...rest, numbers, unavailable: unavailable.filter(({ fact }) => fact !== 'credential.securityLabel') };
}

describe('peerpid inspect --no-connect', () => {
  let directory: TemporaryDirectory;
  let server: Peer;
  const at = (): RunOptions => ({ cwd: directory.path });

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    server = keep(await Peer.start({ cwd: directory.path }));
  });

  for (const type of ['stream', 'seqpacket'] as const) {
    it(`says of a ${type} listener what a connection does, and is not seen by it`, async () => {
      const fd = await server.number('listen', 'socket', type);
      const quiet = await inspect(['--no-connect', 'socket'], at());
      assert.equal(waiting(quiet), 0);
      const { socket, ...rest } = quiet;
      const { socket: connected, ...other } = await inspect(['--connect', 'socket'], at());
      assert.equal(waiting(quiet), 1, 'a connection is seen there');
      assert.deepEqual(socket, {
        ...connected,
        way: 'duplicate',
        backlog: { waiting: 0, most: 16 },
        asks: ['rights'],
      });
      assert.deepEqual(withoutLabel(rest), withoutLabel(other));
      assert.equal(rest.verdict, (await verdictOf('peer', 'pinned')).verdict);
      assert.equal(rest.credential?.pid, server.pid);
      assert.deepEqual(
        rest.holders?.map(({ pid, fds }) => ({ pid, fds })),
        [{ pid: server.pid, fds: [fd] }],
      );
    });
  }

  it('is no client for a service that accepts all the time', async () => {
    const name = freshName();
    await using listening = await Listening.start([name]);
    await inspect(['--no-connect', name]);
    await server.do('connect', name);
    const { connection, credential } = await listening.next('connection');
    assert.deepEqual([connection, credential?.pid], [1, server.pid]);
  });

  it('makes no call of connect(2)', async function () {
    requirePrograms(this, 'strace');
    const reason = whyNoStrace();
    requireThat(this, reason === undefined, reason ?? '');
    await server.do('listen', directory.file('stream'));
    await server.do('listen', directory.file('dgram'), 'dgram');
    // Looking up the names of users may connect to a socket of its own
    const calls = async (name: string, ...args: string[]): Promise<number> => {
      const run = await runInjected(['inspect', ...args, directory.file(name)], ['connect'], []);
      // A connection to a path is made through a descriptor of its file
      return run.calls.filter((call) => call.includes(directory.file(name)) || call.includes('"/proc/self/fd/')).length;
    };
    assert.equal(await calls('stream', '--connect'), 1);
    assert.equal(await calls('stream'), 0);
    assert.equal(await calls('stream', '--no-connect'), 0);
    assert.equal(await calls('dgram'), 0);
  });

  it('prefers who listens, where several sockets have an abstract name', async () => {
    const name = freshName();
    await server.do('listen', name, 'dgram');
    await server.do('listen', name, 'seqpacket');
    assert.equal((await inspect(['--no-connect', name])).socket.type, 'seqpacket');
    await server.do('listen', name, 'stream');
    assert.equal((await inspect(['--no-connect', name])).socket.type, 'stream');
    for (const type of ['stream', 'seqpacket', 'dgram']) {
      assert.equal((await inspect(['--no-connect', '--type', type, name])).socket.type, type);
    }
  });

  it('answers at once when the backlog is full', async () => {
    await server.do('listen', 'socket', 'stream', 1);
    await server.do('connect', 'socket');
    await server.do('connect', 'socket');
    const { stdout } = await runPeerpid(['inspect', '--no-connect', '--timeout', '600', 'socket'], at());
    assert.match(stdout, /2 clients waiting \(backlog 1\)/);
    const { verdict } = await verdictOf('peer', 'pinned');
    assert.match(stdout, new RegExp(`^${verdict.toUpperCase()} `, 'm'));
  });

  it('tells of a listener who is gone, by who holds its socket now', async () => {
    const fd = await server.number('listen', directory.file('socket'));
    const pid = await server.number('spawn', ['sleep', '60'], fd);
    try {
      await server.exit();
      const document = await inspect(['--no-connect', directory.file('socket')]);
      const { verdict } = await verdictOf('peer', 'exited');
      assert.equal(document.verdict, verdict);
      assert.deepEqual(findingIds(document), verdict === 'exited' ? ['holder-differs'] : []);
      assert.deepEqual(
        document.holders?.map((holder) => holder.pid),
        [pid],
      );
    } finally {
      process.kill(pid, 'SIGKILL');
    }
  });

  it('has each step in the evidence', async () => {
    await server.do('listen', 'socket');
    const { evidence = [] } = await inspect(['--no-connect', '--explain', 'socket'], at());
    const steps = [
      /^sock_diag/,
      /^readlink/,
      /pidfd_getfd/,
      /SO_PASSCRED\), then SO_PASSPIDFD/,
      /SO_PEERCRED/,
      /SO_PEERPIDFD/,
    ];
    let after = -1;
    for (const step of steps) {
      const place = evidence.findIndex(({ call }) => step.test(call));
      assert.ok(place > after, `${String(step)} in ${JSON.stringify(evidence)}`);
      after = place;
    }
    assert.ok(!evidence.some(({ call }) => call.startsWith('connect(')));
  });

  it('changes nothing for a descriptor, which tells what its socket asks for', async () => {
    const fd = await server.number('listen', 'socket');
    const target = `/proc/${server.pid}/fd/${fd}`;
    const document = await inspect(['--no-connect', target]);
    assert.deepEqual(document, await inspect([target]));
    assert.deepEqual(document.socket.asks, ['rights']);
    assert.equal(waiting(document), 0);
  });

  describe('of what is not there', () => {
    const quiet = ['inspect', '--no-connect'];

    it('says as connecting does: stale, gone, no socket, not bound', async () => {
      await server.do('close', await server.number('listen', 'dead'));
      for (const args of [['dead'], ['nothing'], ['/etc/passwd'], ['/'], [freshName()], ['--type', 'dgram', 'dead']]) {
        const connecting = await runPeerpid(['inspect', ...args], at());
        const { stdout, stderr, status } = await runPeerpid([...quiet, ...args], at());
        assert.equal(stderr, connecting.stderr);
        assert.equal(stdout, '');
        assert.equal(status, 1);
      }
    });

    it('says that a bound socket does not listen, also where it is connected', async () => {
      await server.do('listen', 'socket');
      await server.do('bindAndConnect', 'client', 'socket');
      const expected = { status: 1, message: /nobody listens on client: .*does not listen/, hint: /listen\(2\)/ };
      await assertProblem([...quiet, 'client'], expected, at());
    });

    it('says that a listener is gone whose connections are still there', async () => {
      const fd = await server.number('listen', 'socket');
      await server.do('connect', 'socket');
      await server.do('accept', fd);
      await server.do('close', fd);
      const message = /^nobody listens on socket any more: 1 connected socket has its address$/;
      const hint = new RegExp(`^Process ${server.pid} \\(.*\\) has it, like a service that has closed its listener`);
      await assertProblem([...quiet, 'socket'], { status: 1, message, hint }, at());
    });

    it('names the type that there is', async () => {
      const name = freshName();
      await server.do('listen', 'socket');
      await server.do('listen', name, 'dgram');
      const wrong = { status: 1, message: /is a stream socket, not dgram/, hint: /--type stream/ };
      await assertProblem([...quiet, '--type', 'dgram', 'socket'], wrong, at());
      const abstract = { status: 1, message: /is a dgram socket, not stream/, hint: /--type dgram/ };
      await assertProblem([...quiet, '--type', 'stream', name], abstract, at());
    });
  });
});

describe('what a socket asks for', () => {
  it('is told of a datagram socket, without a connection to it', async function () {
    await requireKernel(this, 'a pidfd of a sender');
    const name = freshName();
    await using listening = await Listening.start(['--type', 'dgram', name]);
    const document = await inspect([name]);
    assert.deepEqual(
      document.socket.asks?.filter((one) => one !== 'sec'),
      ['cred', 'pidfd', 'rights'],
    );
    assert.ok(!findingIds(document).includes('judges-by-number'));
    // The kernel would call it connected from the first connection on
    assert.equal(socketOfInode(document.socket.inode ?? 0)?.state, 'unconnected');
    const { stdout } = await runPeerpid(['inspect', name]);
    assert.match(stdout, /^asks {10}Of each message's sender: its credential.* its pidfd.*SO_PASSPIDFD/m);
    await listening.stop();
  });
});
