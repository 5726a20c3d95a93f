import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { TemporaryDirectory } from './machine/temporary.js';

const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
const reporter = fileURLToPath(new URL('reporter.js', import.meta.url));

const tests = `
it('passes', () => {});
it('is skipped (skipped: needs what is not there)', function () { this.skip(); });
it('fails', () => { throw new Error('as it should\\nwith more'); });
`;

describe('the test reporter', () => {
  it('ends with what was skipped and why, what failed, and the counts in a line', () => {
    using directory = new TemporaryDirectory();
    const file = directory.file('some.test.cjs');
    writeFileSync(file, tests);
    const { status, stdout } = spawnSync(process.execPath, [mocha, '--no-config', '--reporter', reporter, file], {
      encoding: 'utf8',
    });
    assert.equal(status, 1);
    assert.deepEqual(stdout.trimEnd().split('\n').slice(-3), [
      '  skipped: is skipped (skipped: needs what is not there)',
      '  failed: fails: as it should',
      '1 passed, 1 failed, 1 skipped',
    ]);
  });
});
