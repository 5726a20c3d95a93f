import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { assertProblemText } from '../helpers/assert-problem.js';
import { requirePrograms } from '../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { runPeerpid } from '../helpers/running/run-peerpid.js';

describe('a file that gets full in the middle of the output', () => {
  it('is an error, rather than half passed off as all', async function () {
    requirePrograms(this, 'prlimit');
    using directory = new TemporaryDirectory();
    const file = directory.file('output');
    // As on a full disk, the first write(2) writes what there is room for, and the next fails
    const wrapper = ['sh', '-c', 'exec "$@" >"$0"', file, 'prlimit', '--fsize=10'];
    const outcome = await runPeerpid(['--version'], { wrapper });
    assert.equal(readFileSync(file).length, 10);
    assertProblemText(outcome, { status: 1, message: /cannot be written: EFBIG$/, hint: /^Free space/ });
  });
});
