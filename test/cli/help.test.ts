import assert from 'node:assert/strict';

import { commandNames } from '../../src/cli/unknown-command.js';
import { readRepositoryFile } from '../helpers/pages.js';
import { runPeerpid } from '../helpers/running/run-peerpid.js';

describe('--help', () => {
  it('is of each command that there is', () => {
    const { commands } = JSON.parse(readRepositoryFile('oclif.manifest.json')) as { commands: object };
    assert.deepEqual(commandNames, Object.keys(commands).sort());
  });

  for (const command of commandNames) {
    it(`of ${command} has examples that can be pasted into a shell`, async () => {
      const { stdout } = await runPeerpid([command, '--help']);
      const [, examples = ''] = /\nEXAMPLES\n([^]*)/.exec(stdout) ?? [];
      const lines = examples.split('\n').filter((line) => line.includes('peerpid '));
      assert.ok(lines.length > 1, examples);
      // Between quotes a shell keeps the backslash that oclif breaks a long line by
      for (const line of lines) assert.doesNotMatch(line, /\\$/);
    });
  }

  it('of scan does not have a file exclude what goes into it', async () => {
    const { stdout } = await runPeerpid(['scan', '--help']);
    assert.match(stdout, /\[--prometheus\]\s+\[-o FILE\]/);
  });
});
