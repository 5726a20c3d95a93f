import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

import type { RaceDocument } from '../../../src/document/race-document.js';
import { asUser } from '../../helpers/assert-problem.js';
import { requireKernel } from '../../helpers/machine/kernel-gives.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { countsOf, mayRace, processesWith, race, stageAmong } from '../../helpers/running/race.js';

/** What must hold however the machine is loaded. How often the start time deceives in time depends on its speed. */
function assertRounds(document: RaceDocument, rounds: number): void {
  const always = { fooled: rounds, tried: rounds };
  const never = { fooled: 0, tried: rounds };
  assert.equal(document.rounds, rounds);
  assert.deepEqual(document.verdicts, { recycled: rounds });
  assert.deepEqual(countsOf(document, 'pid'), { inTime: always, tooLate: always });
  assert.deepEqual(countsOf(document, 'start-time').tooLate, always);
  assert.equal(countsOf(document, 'start-time').inTime.tried, rounds);
  assert.deepEqual(countsOf(document, 'pidfd-open'), { inTime: never, tooLate: always });
  assert.deepEqual(countsOf(document, 'peer-pidfd'), { inTime: never, tooLate: never });
  assert.deepEqual(countsOf(document, 'verdict'), { inTime: never, tooLate: never });
  // Nor may a method be safe by believing nobody
  assert.deepEqual(
    document.methods.map(({ recognised }) => recognised),
    document.methods.map(() => rounds),
  );
  assert.equal(document.shown, true);
}

describe('rounds of a race', () => {
  before(async function () {
    requirePrograms(this, 'unshare');
    requireThat(this, mayRace(), 'PID namespaces may not be made here');
    await requireKernel(this, 'a pidfd of a peer');
  });

  it('1,000 of them: the verdict is never pinned, a pidfd is never deceived, and no descriptor stays open', async () => {
    const marker = `PEERPID_TEST=${process.pid}-rounds`;
    const running = race(['--rounds', '1000'], { env: { PEERPID_TEST: marker.slice('PEERPID_TEST='.length) } });
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, descriptorsOf(stageAmong(processesWith(marker))));
    }, 100);
    try {
      const { document, outcome } = await running;
      assert.deepEqual([outcome.status, outcome.stderr], [0, '']);
      assertRounds(document, 1000);
    } finally {
      clearInterval(watch);
    }
    assert.ok(most > 3 && most < 100, `the stage had ${most} descriptors open`);
  }).timeout(240_000);

  it('as a user without privileges', async function () {
    requirePrograms(this, 'setpriv');
    requireThat(this, isRoot, 'it takes root to become another user');
    const user = asUser(65534, 65534);
    const [program = '', ...args] = user.wrapper ?? [];
    const { status } = spawnSync(program, [...args, 'unshare', '--user', '--map-root-user', 'true']);
    requireThat(this, status === 0, 'users may not have user namespaces here');
    const { document, outcome } = await race(['--rounds', '100'], user);
    assert.deepEqual([outcome.status, outcome.stderr], [0, '']);
    assertRounds(document, 100);
    assert.equal(document.userNamespace, true);
  }).timeout(60_000);
});

function descriptorsOf(pid: number | undefined): number {
  try {
    return pid === undefined ? 0 : readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    // It has ended
    return 0;
  }
}
