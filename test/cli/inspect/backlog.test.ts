import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';

import { placesTaken } from '../../../native-probe/diag-socket.js';
import { processStat } from '../../../native-probe/proc/process.js';
import { socketOfInode } from '../../../native-probe/sock-diag.js';
import type { InspectDocument } from '../../../src/document/inspect-document.js';
import { assertProblem } from '../../helpers/assert-problem.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { inspect } from '../../helpers/running/inspect.js';
import { outcomeOf, runPeerpid, startPeerpid } from '../../helpers/running/run-peerpid.js';
import { socketInode } from '../../helpers/running/scan.js';
import { waitFor } from '../../helpers/wait-for.js';

/** Whether one of its threads is in connect(2), waiting for a place. */
function waitsForPeer(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).some((thread) => {
    try {
      return readFileSync(`/proc/${pid}/task/${thread}/wchan`, 'utf8').startsWith('unix_wait_for_peer');
    } catch {
      return false;
    }
  });
}

/** Nobody gives it a duplicate of a socket: capabilities(7). */
const withoutPtrace = ['setpriv', '--bounding-set', '-sys_ptrace', '--inh-caps', '-all'];

describe('a full backlog, for one that may not look without connecting', () => {
  let directory: TemporaryDirectory;
  let server: Peer;
  let listener: number;

  before(function () {
    requirePrograms(this, 'setpriv');
    requireThat(this, isRoot, 'takes root, to be without CAP_SYS_PTRACE');
  });

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    server = keep(await Peer.start({ cwd: directory.path }));
    listener = await server.number('listen', 'socket', 'stream', 0);
    await server.do('connect', 'socket');
  });

  it('is waited for no longer than --timeout', async () => {
    for (const seconds of ['0', '0.3']) {
      const start = performance.now();
      const expected = { status: 1, message: /backlog of socket stays full/, hint: /`peerpid inspect`, as root/ };
      await assertProblem(['inspect', '--timeout', seconds, 'socket'], expected, {
        cwd: directory.path,
        wrapper: withoutPtrace,
      });
      const took = performance.now() - start;
      assert.ok(took > Number(seconds) * 1000 && took < 10_000, `took ${took} ms`);
    }
  });

  it('is no obstacle when a place becomes free in time', async () => {
    const child = startPeerpid(['inspect', '--json', '--timeout', '15', 'socket'], {
      cwd: directory.path,
      wrapper: withoutPtrace,
    });
    const ended = outcomeOf(child);
    await waitFor('it waits', () => waitsForPeer(child.pid ?? 0));
    await server.do('accept', listener);
    const { status, stdout } = await ended;
    assert.equal((JSON.parse(stdout) as InspectDocument).credential?.pid, server.pid);
    assert.equal(status, 0);
  });

  it('is waited for after a stop too, and the waiting is in the evidence', async () => {
    const args = ['inspect', '--json', '--explain', '--timeout', '15', 'socket'];
    const child = startPeerpid(args, { cwd: directory.path, wrapper: withoutPtrace });
    const pid = child.pid ?? 0;
    const ended = outcomeOf(child);
    await waitFor('it waits', () => waitsForPeer(pid));
    child.kill('SIGSTOP');
    await waitFor('it is stopped', () => processStat(pid).state === 'T' && !waitsForPeer(pid));
    child.kill('SIGCONT');
    await waitFor('it waits again', () => waitsForPeer(pid));
    await server.do('accept', listener);
    const { status, stdout } = await ended;
    const { evidence = [] } = JSON.parse(stdout) as InspectDocument;
    assert.ok(evidence.some(({ call, answer }) => /^connect\(.*waiting 15000 ms/.test(call) && answer === '0'));
    assert.equal(status, 0);
  });
});

describe('who has a place in a backlog', () => {
  let directory: TemporaryDirectory;
  let server: Peer;
  let path: string;
  let inode: number;

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    server = keep(await Peer.start());
    path = directory.file('socket');
    inode = socketInode(server, await server.number('listen', path, 'stream', 4));
  });

  const taken = (): number => placesTaken(socketOfInode(inode)?.backlog ?? { waiting: 0, most: 0 });

  it('is not peerpid, where it connects', async () => {
    const document = await inspect(['--connect', path]);
    assert.deepEqual([document.socket.backlog, document.findings], [{ waiting: 0, most: 4 }, []]);
    assert.equal(taken(), 1);
  });

  it('is nobody more after a look where somebody waits', async () => {
    await server.do('connect', path);
    for (let look = 0; look < 3; look++) {
      const document = await inspect(path);
      assert.deepEqual([document.verdict, document.socket.backlog], ['pinned', { waiting: 1, most: 4 }]);
      assert.equal(document.socket.way, 'duplicate');
    }
    assert.equal(taken(), 1);
    const { stdout } = await runPeerpid(['inspect', path]);
    assert.match(stdout.replaceAll('\n  ', ' '), /^\S+  stream, listening, .* 1 client waiting \(backlog 4\)/m);
  });

  it('waits, or has gone: that is told apart, and each look is spared', async () => {
    const client = await server.number('connect', path);
    await server.do('connect', path);
    await server.do('close', client);
    for (const args of [[path], ['--no-connect', path]])
      assert.deepEqual((await inspect(args)).socket.backlog, { waiting: 1, gone: 1, most: 4 });
    assert.match((await runPeerpid(['inspect', path])).stdout, / 1 client waiting, 1 gone \(backlog 4\)/);
  });

  it('is peerpid too where nobody lets it look otherwise, and it does not count itself', async function () {
    requirePrograms(this, 'setpriv');
    requireThat(this, isRoot, 'takes root, to be without CAP_SYS_PTRACE');
    await server.do('connect', path);
    const document = await inspect(path, { wrapper: withoutPtrace });
    assert.deepEqual(document.socket.backlog, { waiting: 1, most: 4 });
    assert.equal(taken(), 2);
  });
});
