import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';

import { socketOfInode } from '../../native-probe/sock-diag.js';
import type { InspectDocument } from '../../src/document.js';
import { asUser, assertProblem } from '../helpers/assert-problem.js';
import { freshName } from '../helpers/connected.js';
import { findingIds, whyUnavailable } from '../helpers/inspect.js';
import { Listening } from '../helpers/listening.js';
import { Peer } from '../helpers/peer.js';
import { isRoot, requirePrograms, requireThat } from '../helpers/requirements.js';
import { runPeerpid, type RunOptions } from '../helpers/run-peerpid.js';
import { runInjected, whyNoStrace } from '../helpers/strace.js';
import { TemporaryDirectory } from '../helpers/temporary.js';

const nobody = 65534;

async function look(args: readonly string[], options?: RunOptions): Promise<InspectDocument> {
  const { status, stdout, stderr } = await runPeerpid(['inspect', '--json', ...args], options);
  assert.equal(stderr, '');
  const document = JSON.parse(stdout) as InspectDocument;
  assert.ok(document.verdict, stdout);
  assert.equal(status, document.verdict === 'pinned' ? 0 : 3);
  return document;
}

/** How many wait to be accepted: one that has gone again is among them. */
function waiting({ socket }: InspectDocument): number | undefined {
  return socketOfInode(socket.inode ?? 0)?.backlog?.waiting;
}

describe('peerpid inspect --no-connect', () => {
  let directory: TemporaryDirectory;
  let server: Peer;
  const at = (): RunOptions => ({ cwd: directory.path });

  beforeEach(async () => {
    directory = new TemporaryDirectory();
    server = await Peer.start({ cwd: directory.path });
  });

  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  for (const type of ['stream', 'seqpacket'] as const) {
    it(`says of a ${type} listener what a connection does, and is not seen by it`, async () => {
      const fd = await server.number('listen', 'socket', type);
      const quiet = await look(['--no-connect', 'socket'], at());
      assert.equal(waiting(quiet), 0);
      const { socket, ...rest } = quiet;
      const { socket: connected, ...other } = await look(['socket'], at());
      assert.equal(waiting(quiet), 1, 'a connection is seen there');
      assert.deepEqual(socket, { ...connected, backlog: { waiting: 0, most: 16 }, asks: ['rights'] });
      assert.deepEqual(rest, other);
      assert.equal(rest.verdict, 'pinned');
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
    await look(['--no-connect', name]);
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
      return run.calls.filter((call) => call.includes(directory.file(name))).length;
    };
    assert.equal(await calls('stream'), 1);
    assert.equal(await calls('stream', '--no-connect'), 0);
    assert.equal(await calls('dgram'), 0);
  });

  it('prefers who listens, where several sockets have an abstract name', async () => {
    const name = freshName();
    await server.do('listen', name, 'dgram');
    await server.do('listen', name, 'seqpacket');
    assert.equal((await look(['--no-connect', name])).socket.type, 'seqpacket');
    await server.do('listen', name, 'stream');
    assert.equal((await look(['--no-connect', name])).socket.type, 'stream');
    for (const type of ['stream', 'seqpacket', 'dgram']) {
      assert.equal((await look(['--no-connect', '--type', type, name])).socket.type, type);
    }
  });

  it('answers at once when the backlog is full', async () => {
    await server.do('listen', 'socket', 'stream', 1);
    await server.do('connect', 'socket');
    await server.do('connect', 'socket');
    const full = { status: 1, message: /stays full/, hint: /inspect --no-connect/ };
    await assertProblem(['inspect', '--timeout', '0', 'socket'], full, at());
    const { stdout } = await runPeerpid(['inspect', '--no-connect', '--timeout', '600', 'socket'], at());
    assert.match(stdout, /2 of 1 wait to be accepted/);
    assert.match(stdout, /^PINNED/m);
  });

  it('tells of a listener who is gone, by who holds its socket now', async () => {
    const fd = await server.number('listen', directory.file('socket'));
    const pid = await server.number('spawn', ['sleep', '60'], fd);
    try {
      await server.exit();
      const document = await look(['--no-connect', directory.file('socket')]);
      assert.equal(document.verdict, 'exited');
      assert.deepEqual(findingIds(document), ['holder-differs']);
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
    const { evidence = [] } = await look(['--no-connect', '--explain', 'socket'], at());
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
    const document = await look(['--no-connect', target]);
    assert.deepEqual(document, await look([target]));
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
      await assertProblem([...quiet, 'socket'], { status: 1, message: /stale/, hint: /Start the service/ }, at());
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

  describe('of another network namespace', () => {
    const unshare = { wrapper: ['unshare', '--net'] };

    before(function () {
      requirePrograms(this, 'unshare');
      requireThat(this, isRoot, 'needs root, to make a network namespace');
    });

    it('says so, and that connecting reaches it', async () => {
      for (const type of ['stream', 'seqpacket', 'dgram'] as const) {
        await server.do('listen', directory.file(type), type);
        const hint = /Leave --no-connect away.*scan --all-namespaces/;
        const expected = { status: 1, message: /lives in another network namespace/, hint };
        await assertProblem(['inspect', '--no-connect', directory.file(type)], expected, unshare);
      }
      assert.equal((await look([directory.file('stream')], unshare)).credential?.pid, server.pid);
      const { verdict, socket } = await look([directory.file('dgram')], unshare);
      assert.deepEqual([verdict, socket.asks], ['none', undefined]);
    });
  });

  describe('when nobody gives a duplicate', () => {
    before(function () {
      requirePrograms(this, 'setpriv');
      requireThat(this, isRoot, 'needs root, to be another user');
    });

    it('says that nobody is seen to hold it', async () => {
      await server.do('listen', directory.file('socket'));
      const expected = {
        status: 1,
        message: /^nobody is seen to hold [^ ]*socket$/,
        hint: /\d+ processes may not be looked into.*run as root, or leave --no-connect away/,
      };
      await assertProblem(['inspect', '--no-connect', directory.file('socket')], expected, asUser(nobody, nobody));
    });

    it('names who holds it, and that it takes the right to trace that process', async () => {
      const name = freshName();
      await using own = await Peer.start({ wrapper: asUser(nobody, nobody).wrapper ?? [] });
      await own.do('title', 'a\x1b[2Jholder');
      await own.do('listen', name);
      // Its descriptors are seen by the effective ids, and duplicated by the real ones: ptrace(2)
      const ids = ['--ruid', '65533', '--euid', `${nobody}`, '--regid', `${nobody}`, '--clear-groups'];
      const hint = /right to trace the process: run as root, or leave --no-connect away/;
      const message = new RegExp(
        `^nobody who holds ${name} may be looked into: ${own.pid} a(?:\\\\x1b|\x1b)\\[2Jholder$`,
      );
      await assertProblem(
        ['inspect', '--no-connect', name],
        { status: 1, message, hint },
        { wrapper: ['setpriv', ...ids] },
      );
      // And its own user needs no privilege
      const { credential } = await look(['--no-connect', name], asUser(nobody, nobody));
      assert.equal(credential?.pid, own.pid);
    });

    it('tells what the list tells of a datagram socket, and what it could not', async () => {
      await server.do('listen', directory.file('socket'), 'dgram');
      chmodSync(directory.file('socket'), 0o600);
      const { verdict, socket, holders, ...rest } = await look([directory.file('socket')], asUser(nobody, nobody));
      assert.equal(verdict, 'none');
      assert.deepEqual(holders, []);
      assert.deepEqual(
        { type: socket.type, state: socket.state, mode: socket.mode, inode: typeof socket.inode },
        { type: 'dgram', state: 'unconnected', mode: '0600', inode: 'number' },
      );
      const document = { verdict, socket, ...rest };
      assert.match(whyUnavailable(document, 'socket.asks') ?? '', /nobody is seen to hold it: EACCES/);
      const { stdout } = await runPeerpid(['inspect', directory.file('socket')], asUser(nobody, nobody));
      assert.match(stdout, /^not seen +Not permitted: asks\. Holders:/m);
      assert.doesNotMatch(stdout, /^asks/m);
    });
  });

  describe("without the kernel's list", () => {
    before(function () {
      requirePrograms(this, 'strace');
      const reason = whyNoStrace();
      requireThat(this, reason === undefined, reason ?? '');
    });

    it('says that it cannot be had, and connects where it may', async () => {
      const path = directory.file('dgram');
      await server.do('listen', path, 'dgram');
      const quiet = await runInjected(['inspect', '--no-connect', path], ['socket'], ['socket:error=EPERM:when=1']);
      assert.match(quiet.stderr, /list of sockets cannot be had.*EPERM\)\n {2}hint: .*leave --no-connect away/);
      assert.equal(quiet.status, 1);
      // Between the two questions it tries each type
      const run = await runInjected(['inspect', '--json', path], ['socket'], ['socket:error=EPERM:when=1..5+4']);
      assert.ok(
        run.calls.every((call) => call.includes('AF_NETLINK') === call.includes('INJECTED')),
        run.calls.join('\n'),
      );
      const document = JSON.parse(run.stdout) as InspectDocument;
      assert.equal(document.verdict, 'none');
      assert.equal(document.socket.asks, undefined);
      assert.match(whyUnavailable(document, 'socket.inode') ?? '', /EPERM/);
      assert.equal(run.status, 3);
    });
  });
});

describe('what a socket asks for', () => {
  it('is told of a datagram socket, without a connection to it', async () => {
    const name = freshName();
    await using listening = await Listening.start(['--type', 'dgram', name]);
    const document = await look([name]);
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
