import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { PidNamespace, requirePidNamespaces } from '../../helpers/machine/pid-namespace.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import type { RaceOutcome } from '../../helpers/programs/read-race.js';
import { built } from '../../helpers/running/program-root.js';

const program = built('test/helpers/programs/read-race.js');

describe('the race between reading /proc and the end of the peer', () => {
  it('never shows another process’s facts as the peer’s, however its number is taken meanwhile', async function () {
    requirePrograms(this, 'perl');
    requirePidNamespaces(this);
    await using namespace = await PidNamespace.make();
    const args = [...namespace.enter.slice(1), process.execPath, program, '2500'];
    const { stdout } = await promisify(execFile)('nsenter', args, { timeout: 15_000 });
    const { violations, disturbed, verdicts, rounds } = JSON.parse(stdout) as RaceOutcome;
    assert.deepEqual(violations, []);
    assert.ok(rounds > 0);
    assert.ok(disturbed > 0, `no peer ended in the middle of an inspection in ${rounds} rounds`);
    assert.deepEqual(Object.keys(verdicts).sort(), ['exited', 'pinned', 'recycled']);
  });
});
