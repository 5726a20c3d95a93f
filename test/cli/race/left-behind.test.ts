import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

import { play } from '../../../src/racing/play.js';
import { childrenOf } from '../../helpers/machine/pid-namespace.js';
import { requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { bundled } from '../../helpers/running/program-root.js';
import { mayRace, processesWith, stageAmong } from '../../helpers/running/race.js';
import { outcomeOf, peerpid, startPeerpid } from '../../helpers/running/run-peerpid.js';
import { waitFor } from '../../helpers/wait-for.js';

/** More than can be played while a test looks. */
const endless = ['race', '--rounds', '1000000'];

let runs = 0;

/** A line of the environment that only this run and what it starts have. */
function newMarker(): { readonly env: NodeJS.ProcessEnv; readonly line: string } {
  const value = `${process.pid}-${++runs}-left-behind`;
  return { env: { PEERPID_TEST: value }, line: `PEERPID_TEST=${value}` };
}

describe('a race leaves nothing behind', () => {
  before(function () {
    requirePrograms(this, 'unshare');
    requireThat(this, mayRace(), 'PID namespaces may not be made here');
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const) {
    it(`when ${signal} ends it in the middle`, async () => {
      const { env, line } = newMarker();
      const child = startPeerpid(endless, { env });
      const outcome = outcomeOf(child);
      try {
        // With the client or the impostor of a round
        await waitFor('rounds are played', () => isPlaying(line), 20_000);
        child.kill(signal);
        const { status, signal: by, stdout, stderr } = await outcome;
        assert.deepEqual([status, by, stdout, stderr], [null, signal, '', '']);
        await waitFor('all of it has ended', () => processesWith(line).length === 0, 20_000);
      } finally {
        child.kill('SIGKILL');
      }
    }).timeout(60_000);
  }

  it('when the stage is killed: it says so', async () => {
    const { env, line } = newMarker();
    const child = startPeerpid(endless, { env });
    const outcome = outcomeOf(child);
    try {
      await waitFor('rounds are played', () => isPlaying(line), 20_000);
      const stage = stageAmong(processesWith(line));
      assert.ok(stage !== undefined);
      process.kill(stage, 'SIGKILL');
      const { status, stdout, stderr } = await outcome;
      assert.deepEqual([status, stdout], [1, '']);
      assert.match(stderr, /^peerpid: the process that plays the race was ended by SIGKILL\n {2}hint: [^\n]+\n$/);
      assert.deepEqual(processesWith(line), []);
    } finally {
      child.kill('SIGKILL');
    }
  }).timeout(60_000);

  it('when nobody reads it to its end', async () => {
    const { env, line } = newMarker();
    const command = `'${process.execPath}' '${peerpid}' race | head -n 1`;
    const shell = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    const [out, err] = await Promise.all([text(shell.stdout), text(shell.stderr), once(shell, 'close')]);
    assert.match(out, /^A service trusts its client by PID[^\n]+\n$/);
    assert.equal(err, '');
    await waitFor('all of it has ended', () => processesWith(line).length === 0);
  });

  it('when the stage says nothing', async () => {
    using directory = new TemporaryDirectory();
    const program = directory.file('silent.cjs');
    writeFileSync(program, 'setInterval(() => undefined, 60_000);');
    const before = childrenOf(process.pid);
    const silent = play({ rounds: 1, explain: false, program, tell: () => undefined, patience: 200 });
    await assert.rejects(silent, { code: 'ETIMEDOUT', message: /^the process that plays the race has said nothing/ });
    assert.deepEqual(childrenOf(process.pid), before);
  });

  it('no process, mount, descriptor, or socket that others see', async () => {
    const before = ours();
    const document = await play({
      rounds: 20,
      explain: false,
      program: bundled('race-stage.cjs'),
      tell: () => undefined,
    });
    assert.equal(document.rounds, 20);
    // A stream closes its descriptor a little later
    await waitFor('it is as it was before', () => JSON.stringify(ours()) === JSON.stringify(before));
    assert.doesNotMatch(readFileSync('/proc/net/unix', 'latin1'), / @service\n/);
  });
});

function isPlaying(line: string): boolean {
  return processesWith(line).some((pid) => {
    try {
      return ['client\n', 'impostor\n'].includes(readFileSync(`/proc/${pid}/comm`, 'latin1'));
    } catch {
      // It has ended
      return false;
    }
  });
}

/** All that this process could have too much of. */
function ours(): object {
  return {
    children: childrenOf(process.pid),
    descriptors: readdirSync('/proc/self/fd').length,
    mounts: readFileSync('/proc/self/mountinfo', 'latin1'),
  };
}
