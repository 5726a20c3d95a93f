import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';

import type { InspectDocument } from '../../../src/document/inspect-document.js';
import { assertProblem, asUser } from '../../helpers/assert-problem.js';
import { PidNamespace, requirePidNamespaces } from '../../helpers/machine/pid-namespace.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { runInjected, whyNoStrace } from '../../helpers/machine/strace.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { inspect, whyUnavailable } from '../../helpers/running/inspect.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

const nobody = 65534;

describe('peerpid inspect --no-connect, where something stands in the way', () => {
  let directory: TemporaryDirectory;
  let server: Peer;

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    server = keep(await Peer.start({ cwd: directory.path }));
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
        const hint = /Omit --no-connect.*`peerpid scan`/;
        const expected = { status: 1, message: /lives in another network namespace/, hint };
        await assertProblem(['inspect', '--no-connect', '--own-namespace', directory.file(type)], expected, unshare);
      }
      assert.equal((await inspect([directory.file('stream')], unshare)).credential?.pid, server.pid);
      const { verdict, socket } = await inspect(['--own-namespace', directory.file('dgram')], unshare);
      assert.deepEqual([verdict, socket.asks], ['none', undefined]);
      assert.deepEqual((await inspect([directory.file('dgram')], unshare)).socket.asks, ['rights']);
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
        message: /^no process was seen that holds [^ ]*socket$/,
        hint: /We may not look into \d+ processes.*run as root, or omit --no-connect/,
      };
      await assertProblem(['inspect', '--no-connect', directory.file('socket')], expected, asUser(nobody, nobody));
    });

    it('names who holds it, and that this needs the right to trace that process', async () => {
      const name = freshName();
      await using own = await Peer.start({ wrapper: asUser(nobody, nobody).wrapper ?? [] });
      await own.do('title', 'a\x1b[2Jholder');
      await own.do('listen', name);
      // Its descriptors are seen by the effective ids, and duplicated by the real ones: ptrace(2)
      const ids = ['--ruid', '65533', '--euid', `${nobody}`, '--regid', `${nobody}`, '--clear-groups'];
      const hint = /right to trace the process: run as root, or omit --no-connect/;
      const message = new RegExp(
        `^we may not look into any process that holds ${name}: ${own.pid} a(?:\\\\x1b|\x1b)\\[2Jholder$`,
      );
      await assertProblem(
        ['inspect', '--no-connect', name],
        { status: 1, message, hint },
        { wrapper: ['setpriv', ...ids] },
      );
      // And its own user needs no privilege
      const { credential } = await inspect(['--no-connect', name], asUser(nobody, nobody));
      assert.equal(credential?.pid, own.pid);
    });

    it('tells what the list tells of a datagram socket, and what it could not', async () => {
      await server.do('listen', directory.file('socket'), 'dgram');
      chmodSync(directory.file('socket'), 0o600);
      const { verdict, socket, holders, ...rest } = await inspect([directory.file('socket')], asUser(nobody, nobody));
      assert.equal(verdict, 'none');
      assert.deepEqual(holders, []);
      assert.deepEqual(
        { type: socket.type, state: socket.state, mode: socket.mode, inode: typeof socket.inode },
        { type: 'dgram', state: 'unconnected', mode: '0600', inode: 'number' },
      );
      const document = { verdict, socket, ...rest };
      assert.match(
        whyUnavailable(document, 'socket.asks') ?? '',
        /no process was seen that holds it: permission denied \(EACCES\)/,
      );
      const { stdout } = await runPeerpid(['inspect', directory.file('socket')], asUser(nobody, nobody));
      assert.match(stdout, /^not seen +Not permitted: asks\. Holders:/m);
      assert.doesNotMatch(stdout, /^asks/m);
    });
  });

  it('says that nobody in its own PID namespace is seen to hold it, also without a /proc of that', async function () {
    requirePidNamespaces(this);
    await server.do('listen', directory.file('stream'));
    await server.do('listen', directory.file('dgram'), 'dgram');
    await using namespace = await PidNamespace.make();
    const inside = { wrapper: namespace.enter };
    const outside = {
      status: 1,
      message: /^no process was seen that holds /,
      hint: /outside this PID namespace.*omit --no-connect/,
    };
    await assertProblem(['inspect', '--no-connect', directory.file('stream')], outside, inside);
    const document = await inspect([directory.file('dgram')], inside);
    assert.deepEqual([document.verdict, document.holders], ['none', []]);
    assert.match(whyUnavailable(document, 'socket.asks') ?? '', /^no process was seen that holds it/);
    const foreignProc = { wrapper: namespace.enter.filter((word) => word !== '--mount') };
    const unseen = { status: 1, message: /cannot see who holds .*: \/proc does not show/, hint: /Mount the \/proc/ };
    await assertProblem(['inspect', '--no-connect', directory.file('stream')], unseen, foreignProc);
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
      assert.match(quiet.stderr, /list of sockets is not available.*EPERM\)\n {2}hint: .*omit --no-connect/);
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
