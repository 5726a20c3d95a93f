import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

import { asUser } from '../../helpers/assert-problem.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { built, bundled } from '../../helpers/running/program-root.js';

describe('peerpid scan where there may be no more threads', () => {
  it('does without a second', function () {
    requirePrograms(this, 'prlimit', 'setpriv');
    requireThat(this, isRoot, 'another user, with a limit of its own, takes root');
    const load = JSON.stringify(built('src/scanning/survey/second-thread.js'));
    const worker = JSON.stringify(`file://${bundled('survey-worker.cjs')}`);
    // Set from within: Node itself does not come up without its own threads
    const script = `const { startSecondThread } = await import(${load});
      const { execFileSync } = await import('node:child_process');
      execFileSync('prlimit', ['--pid', String(process.pid), '--nproc=1']);
      console.log(startSecondThread(new URL(${worker})));`;
    const [command = '', ...before] = asUser(54321, 54321).wrapper ?? [];
    const node = [process.execPath, '--input-type=module', '-e', script];
    assert.equal(execFileSync(command, [...before, ...node], { encoding: 'utf8' }), 'undefined\n');
  });
});
