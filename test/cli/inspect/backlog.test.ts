import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';

import { processStat } from '../../../native-probe/proc/process.js';
import type { InspectDocument } from '../../../src/document/inspect-document.js';
import { assertProblem } from '../../helpers/assert-problem.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { outcomeOf, startPeerpid } from '../../helpers/running/run-peerpid.js';
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

describe('a full backlog', () => {
  let directory: TemporaryDirectory;
  let server: Peer;
  let listener: number;

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    server = keep(await Peer.start({ cwd: directory.path }));
    listener = await server.number('listen', 'socket', 'stream', 0);
    await server.do('connect', 'socket');
  });

  it('is waited for no longer than --timeout', async () => {
    for (const seconds of ['0', '0.3']) {
      const start = performance.now();
      const expected = { status: 1, message: /backlog of socket stays full/, hint: /--timeout/ };
      await assertProblem(['inspect', '--timeout', seconds, 'socket'], expected, { cwd: directory.path });
      const took = performance.now() - start;
      assert.ok(took > Number(seconds) * 1000 && took < 10_000, `took ${took} ms`);
    }
  });

  it('is no obstacle when a place becomes free in time', async () => {
    const child = startPeerpid(['inspect', '--json', '--timeout', '15', 'socket'], {
      cwd: directory.path,
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
    const child = startPeerpid(args, { cwd: directory.path });
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
