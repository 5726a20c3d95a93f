import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';

import { cgroup2Mount } from '../../../native-probe/cgroup.js';
import type { InspectDocument } from '../../../src/document/inspect-document.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import {
  type Fault,
  placesOf,
  runInjected,
  runWithFaults,
  type TraceOptions,
  whenOf,
  whyNoStrace,
} from '../../helpers/machine/strace.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { accepting } from '../../helpers/peers/accepting.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Listening } from '../../helpers/running/listening.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { waitFor } from '../../helpers/wait-for.js';

const peerPidfd = /SO_PEERPIDFD|0x4d/;
const any = /./;
const info = /0xff, 0xb,|PIDFD_GET_INFO/;

/** Kernels and sandboxes that are not here, by what they answer. */
const noPidfdsGiven: Fault = ['getsockopt', peerPidfd, 'error=ENOPROTOOPT'];
const refused: Fault = ['getsockopt', peerPidfd, 'error=EINVAL'];
const noInfo: Fault = ['ioctl', info, 'error=EINVAL', 'onwards'];
const noIds: Fault = ['fstatfs', any, 'retval=0'];
const noOpening = (code: string): Fault => ['pidfd_open', any, `error=${code}`, 'onwards'];

interface Inspected {
  readonly document: InspectDocument;
  readonly status: number | null;
}

async function inspect(target: string, faults: readonly Fault[], options?: TraceOptions): Promise<Inspected> {
  const { stdout, stderr, status } = await runWithFaults(['inspect', '--json', '--connect', target], faults, options);
  assert.equal(stderr, '');
  return { document: JSON.parse(stdout) as InspectDocument, status };
}

function assertVerdict({ document, status }: Inspected, verdict: string, basis: string): void {
  assert.deepEqual([document.verdict, document.basis], [verdict, basis]);
  assert.equal(status, verdict === 'pinned' ? 0 : 3);
}

/** A socket on which a process called listen(2) that has ended since; another keeps it open. */
class Orphan implements AsyncDisposable {
  readonly #directory = new TemporaryDirectory();
  readonly path = this.#directory.file('socket');
  #keeper = 0;
  #parent: Peer | undefined;

  /** @param wrapper - runs the process as its child, and does not wait for it */
  static async start(wrapper?: readonly string[]): Promise<Orphan> {
    const orphan = new Orphan();
    const server = await Peer.start(wrapper === undefined ? {} : { wrapper });
    orphan.#parent = server;
    const fd = await server.number('listen', orphan.path);
    orphan.#keeper = await server.number('spawn', ['sleep', '60'], fd);
    if (wrapper === undefined) await server.kill();
    else {
      process.kill(server.ownPid, 'SIGKILL');
      await waitFor('it is a zombie', () => readFileSync(`/proc/${server.ownPid}/stat`, 'latin1').includes(') Z '));
    }
    return orphan;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.kill(this.#keeper, 'SIGKILL');
    await this.#parent?.kill();
    this.#directory[Symbol.dispose]();
  }
}

describe('answers of other kernels and of sandboxes, by fault injection', () => {
  before(function () {
    requirePrograms(this, 'strace', 'nsenter', 'unshare', 'setpriv', 'python3');
    const reason = whyNoStrace();
    requireThat(this, reason === undefined, reason ?? '');
  });

  describe('of a server that runs', () => {
    let directory: TemporaryDirectory;
    let path: string;
    let server: Peer;

    before(async () => {
      directory = new TemporaryDirectory();
      path = directory.file('socket');
      chmodSync(directory.path, 0o755);
      server = await Peer.start();
      const listener = await server.number('listen', path, 'stream', 200);
      await server.do('spawn', accepting, listener);
      chmodSync(path, 0o777);
    });

    after(async () => {
      await server[Symbol.asyncDispose]();
      directory[Symbol.dispose]();
    });

    function assertPinned(inspected: Inspected): void {
      assertVerdict(inspected, 'pinned', 'pidfd');
      assert.equal(inspected.document.byPidfd?.pid, server.pid);
      assert.equal(inspected.document.byPidfd.state, 'running');
    }

    function assertUnpinned(inspected: Inspected, code: string): void {
      assertVerdict(inspected, 'unpinned', 'credential');
      const { document } = inspected;
      assert.equal(document.byPidfd, null);
      assert.equal(document.byPid?.pid, server.pid);
      assert.equal(document.unavailable.find(({ fact }) => fact === 'byPidfd')?.code, code);
      assert.match(document.text, new RegExp(`no pidfd \\(${code}\\)`));
      assert.deepEqual(
        document.findings.filter(({ severity }) => severity === 'danger'),
        [],
      );
    }

    it('SO_PEERPIDFD: ENOPROTOOPT, as before Linux 6.5: unpinned', async () => {
      assertUnpinned(await inspect(path, [noPidfdsGiven]), 'ENOPROTOOPT');
    });

    it('SO_PEERPIDFD: EMFILE says nothing about the peer: unpinned', async () => {
      assertUnpinned(await inspect(path, [['getsockopt', peerPidfd, 'error=EMFILE']]), 'EMFILE');
    });

    it('SO_PEERPIDFD: EINVAL for this peer alone: it has ended, so who has its number is another', async () => {
      const inspected = await inspect(path, [refused]);
      assertVerdict(inspected, 'recycled', 'refusal');
      assert.equal(inspected.document.byPid?.pid, server.pid);
      assert.equal(inspected.document.byPidfd, null);
    });

    it('SO_PEERPIDFD: EINVAL for our own socketpair too: unpinned', async () => {
      const args = ['inspect', '--json', path];
      // The second question is only asked after the first was refused
      const { calls } = await runWithFaults(args, [refused]);
      const places = placesOf(calls, 'getsockopt', peerPidfd);
      assert.equal(places.length, 2);
      const { stdout, status } = await runInjected(
        args,
        ['getsockopt'],
        [`getsockopt:error=EINVAL:when=${whenOf(places)}`],
      );
      assertUnpinned({ document: JSON.parse(stdout) as InspectDocument, status }, 'EINVAL');
    });

    for (const code of ['ENOSYS', 'EPERM', 'EMFILE']) {
      it(`pidfd_open: ${code}: pinned by the number that the pidfd itself tells`, async () => {
        assertPinned(await inspect(path, [noOpening(code)]));
      });
    }

    for (const code of ['EINVAL', 'ENOTTY']) {
      it(`PIDFD_GET_INFO: ${code}, as before Linux 6.13: pinned by fdinfo`, async () => {
        assertPinned(await inspect(path, [['ioctl', info, `error=${code}`, 'onwards']]));
      });
    }

    for (const [what, fault] of [
      ['no pidfs, as before Linux 6.9', noIds],
      ['fstatfs: EPERM', ['fstatfs', any, 'error=EPERM']],
    ] as const) {
      it(`${what}: pinned by number, and the evidence is marked as weaker`, async () => {
        const inspected = await inspect(path, [fault]);
        assertPinned(inspected);
        assert.ok(inspected.document.findings.some(({ id }) => id === 'no-pidfd-ids'));
        assert.equal(inspected.document.byPidfd?.pidfdId, undefined);
      });
    }

    it('neither pidfs nor PIDFD_GET_INFO: pinned by the number in fdinfo', async () => {
      assertPinned(await inspect(path, [noIds, noInfo]));
    });

    it('nothing at all that tells the number: unpinned, though there is a pidfd', async function () {
      requireThat(this, isRoot, 'mounting over /proc takes root');
      const wrapper = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh'];
      const inspected = await inspect(path, [noIds, noInfo], { wrapper });
      assertVerdict(inspected, 'unpinned', 'pidfd');
      assert.equal(inspected.document.byPid?.pid, server.pid);
      assert.equal(inspected.document.byPidfd?.pid, undefined);
    });

    it("no PIDFD_GET_INFO and another namespace's /proc: pinned by the pidfd ids", async function () {
      requireThat(this, isRoot, 'mounting over /proc takes root');
      const wrapper = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh'];
      assertPinned(await inspect(path, [noInfo], { wrapper }));
    });

    for (const code of ['EPROTONOSUPPORT', 'EACCES']) {
      it(`no sock_diag (${code}): holders are not known, and the rest stands`, async () => {
        const inspected = await inspect(path, [['socket', /AF_NETLINK/, `error=${code}`]]);
        assertPinned(inspected);
        const { document } = inspected;
        assert.equal(document.holders, undefined);
        assert.equal(document.unavailable.find(({ fact }) => fact === 'holders')?.code, code);
        assert.equal(document.socket.inode, undefined);
      });
    }

    for (const code of ['EACCES', 'ENOENT', 'EMFILE']) {
      for (const [what, files, facts] of [
        ['status and cgroup refuse', '/(?:status|cgroup)"', ['cgroup', 'slice', 'unit', 'session', 'container']],
        ['/proc/PID refuses', '", [A-Z_|]*O_PATH', ['comm', 'startTime', 'exe', 'cwd', 'namespaces']],
      ] as const) {
        it(`${what} with ${code}: pinned, and each fact says why it is not there`, async () => {
          const matching = new RegExp(`"/proc/${server.pid}${files}`);
          const inspected = await inspect(path, [['openat', matching, `error=${code}`]]);
          assertPinned(inspected);
          const { byPidfd, unavailable } = inspected.document;
          assert.ok(byPidfd);
          for (const fact of facts) {
            assert.ok(!(fact in byPidfd), fact);
            const rows = unavailable.filter((row) => row.fact === `byPidfd.${fact}`);
            assert.deepEqual(
              rows.map((row) => row.code),
              [code],
              fact,
            );
          }
        }).timeout(60_000);
      }
    }

    it('the directories on the way cannot be looked at: pinned, and it is said', async () => {
      const inspected = await inspect(path, [['openat2', new RegExp(`"${directory.path}"`), 'error=ENOENT']]);
      assertPinned(inspected);
      const { socket, unavailable } = inspected.document;
      assert.equal(socket.guardedBy, undefined);
      assert.equal(unavailable.find(({ fact }) => fact === 'socket.guardedBy')?.code, 'ENOENT');
    });

    it('fdinfo refuses: pinned by the pidfd ids', async () => {
      const inspected = await inspect(path, [noInfo, ['openat', /\/fdinfo\//, 'error=EMFILE']]);
      assertPinned(inspected);
    });

    it('socket: EMFILE: one line, and nothing is said of the peer', async () => {
      const { stdout, stderr, status } = await runWithFaults(
        ['inspect', path],
        [['socket', /AF_UNIX/, 'error=EMFILE']],
      );
      assert.equal(stdout, '');
      assert.equal(status, 1);
      assert.match(stderr, /EMFILE/);
      assert.match(stderr, /ulimit -n/);
    });

    it('too few descriptors, whichever call it meets: no verdict that is not so', async () => {
      const seen = new Set<string>();
      for (let limit = 18; limit <= 34; limit += 2) {
        const wrapper = ['sh', '-c', `ulimit -n ${limit} && exec "$@"`, 'sh'];
        const { stdout, status } = await runPeerpid(['inspect', '--json', path], { wrapper });
        // Node itself ends with 1, or a signal, when it cannot load a file
        if (status === 0) assert.equal((JSON.parse(stdout) as InspectDocument).verdict, 'pinned');
        else if (status === 3) assert.equal((JSON.parse(stdout) as InspectDocument).verdict, 'unpinned');
        else assert.ok(status === 1 || status === null, `status ${status}`);
        seen.add(String(status));
      }
      assert.ok(seen.has('0') && seen.has('1'), [...seen].join(' '));
    });

    it('epoll_wait: EINTR: listen goes on', async () => {
      using trace = new TemporaryDirectory();
      const options = ['-f', '-qq', '-o', trace.file('trace'), '-e', 'trace=epoll_wait'];
      const wrapper = ['strace', ...options, '-e', 'inject=epoll_wait:error=EINTR:when=1..3'];
      await using listening = await Listening.start(['--once', trace.file('socket')], { wrapper });
      await using client = await Peer.start();
      await client.do('connect', trace.file('socket'));
      assert.equal((await listening.next('connection')).verdict, 'pinned');
      assert.match(readFileSync(trace.file('trace'), 'latin1'), /epoll_wait\(.*EINTR.*INJECTED/);
    });

    it('poll: EINTR: asked again', async () => {
      assertPinned(await inspect(path, [['poll', /events=POLLIN\}\], 1, \d+/, 'error=EINTR']]));
    });

    it('sock_diag: EINTR: asked again', async () => {
      const inspected = await inspect(path, [['recvfrom', any, 'error=EINTR']]);
      assertPinned(inspected);
      assert.ok(inspected.document.holders?.some(({ pid }) => pid === server.pid));
    });

    it('who has the number of a peer that ended is told though all else refuses', async function () {
      requireThat(this, isRoot, 'hidepid takes root');
      const hidden = ['unshare', '--mount', 'sh', '-c', 'mount -t proc -o hidepid=2 proc /proc && exec "$@"', 'sh'];
      const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
      const inspected = await inspect(path, [refused, noOpening('EPERM')], { wrapper: [...hidden, ...nobody] });
      assertVerdict(inspected, 'recycled', 'refusal');
      assert.equal(inspected.document.byPid?.comm, undefined);
    });
  });

  describe('of a server that has ended', () => {
    for (const [what, faults, basis] of [
      ['refused', [refused], 'refusal'],
      ['refused, and so is pidfd_open', [refused, noOpening('EPERM')], 'refusal'],
      ['no PIDFD_GET_INFO', [noInfo], 'pidfd'],
      ['no pidfd ids', [noIds], 'pidfd'],
      ['no pidfd ids and no PIDFD_GET_INFO', [noIds, noInfo], 'pidfd'],
      ['pidfd_open: ENOSYS', [noOpening('ENOSYS')], 'pidfd'],
    ] as const) {
      it(`${what}: exited`, async () => {
        await using orphan = await Orphan.start();
        const inspected = await inspect(orphan.path, faults);
        assertVerdict(inspected, 'exited', basis);
        assert.equal(inspected.document.byPid, null);
      });
    }

    it('not reaped, and nothing but the pidfd id tells its number: still pinned, a zombie', async function () {
      requireThat(this, isRoot, 'mounting over /proc takes root');
      await using orphan = await Orphan.start(['sh', '-c', 'exec 3<&0; "$@" <&3 3<&- & exec sleep 30 3<&-', 'sh']);
      const wrapper = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh'];
      const inspected = await inspect(orphan.path, [noInfo], { wrapper });
      assertVerdict(inspected, 'pinned', 'pidfd');
      assert.equal(inspected.document.byPidfd?.state, 'zombie');
    });

    it('its cgroup cannot be looked up: told as not known', async function () {
      const mount = cgroup2Mount();
      requireThat(this, mount !== undefined, 'there is no cgroup v2 tree');
      await using orphan = await Orphan.start();
      const fault: Fault = ['openat', new RegExp(`"${mount ?? ''}", [A-Z_|]*O_DIRECTORY`), 'error=EMFILE'];
      const inspected = await inspect(orphan.path, [fault]);
      assertVerdict(inspected, 'exited', 'pidfd');
      assert.equal(inspected.document.unavailable.find(({ fact }) => fact === 'byPidfd.cgroup')?.code, 'EMFILE');
    });

    it('no pidfd is given at all: unpinned', async () => {
      await using orphan = await Orphan.start();
      assertVerdict(await inspect(orphan.path, [noPidfdsGiven]), 'unpinned', 'credential');
    });
  });
});
