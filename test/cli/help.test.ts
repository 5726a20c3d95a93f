import assert from 'node:assert/strict';

import { commandNames } from '../../src/cli/typed-words.js';
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

  it('has each letter for one thing, in all commands', () => {
    const { commands } = JSON.parse(readRepositoryFile('oclif.manifest.json')) as {
      commands: Record<string, { flags: Record<string, { name: string; char?: string }> }>;
    };
    const letters = new Map<string, Set<string>>();
    for (const { name, char } of Object.values(commands).flatMap(({ flags }) => Object.values(flags))) {
      if (char !== undefined) letters.set(char, (letters.get(char) ?? new Set()).add(name));
    }
    // How many, of whatever it is
    assert.deepEqual([...(letters.get('c') ?? [])].sort(), ['count', 'rounds']);
    letters.delete('c');
    assert.deepEqual(
      [...letters].filter(([, names]) => names.size > 1),
      [],
    );
    assert.ok(letters.size > 10);
  });

  it('of scan does not have a file exclude what goes into it', async () => {
    const { stdout } = await runPeerpid(['scan', '--help']);
    assert.match(stdout, /\[--prometheus\]\s+\[--output FILE\]/);
  });

  it('is also -h and help, before and after a command', async () => {
    const { stdout: expected } = await runPeerpid(['scan', '--help']);
    for (const args of [
      ['scan', '-h'],
      ['-h', 'scan'],
      ['help', 'scan'],
      ['help', 'sca'],
    ]) {
      assert.equal((await runPeerpid(args)).stdout, expected, args.join(' '));
    }
    const { stdout: ofAll, status } = await runPeerpid(['help']);
    assert.equal(status, 0);
    assert.match(ofAll, /^COMMANDS$/m);
    for (const args of [[], ['-h'], ['--help']]) assert.equal((await runPeerpid(args)).stdout, ofAll, args.join(' '));
  });
});

describe('the version', () => {
  it('is told as --version, -V and version', async () => {
    for (const word of ['--version', '-V', 'version']) {
      const { status, stdout } = await runPeerpid([word]);
      assert.equal(status, 0);
      assert.match(stdout, /^peerpid\/\d+\.\d+\.\d+ linux-/);
    }
  });
});
