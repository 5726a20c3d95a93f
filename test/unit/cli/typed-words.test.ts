import assert from 'node:assert/strict';

import { typedWords } from '../../../src/cli/typed-words.js';

describe('typedWords', () => {
  const cases: readonly (readonly [typed: string, meant: string])[] = [
    ['', ''],
    ['scan -l nginx', 'scan -l nginx'],
    ['inspect /run/x', 'inspect /run/x'],
    // SOCKET alone
    ['/run/x', 'inspect /run/x'],
    ['@name', 'inspect @name'],
    ['./scan', 'inspect ./scan'],
    ['docker.socket', 'inspect docker.socket'],
    ['unix:path=/run/x', 'inspect unix:path=/run/x'],
    ['socket:[42]', 'inspect socket:[42]'],
    ['inode:42', 'inspect inode:42'],
    ['a\\x20b', 'inspect a\\x20b'],
    ['/run/x /run/y', 'inspect /run/x /run/y'],
    ['--json /run/x', 'inspect --json /run/x'],
    ['/run/x --json', 'inspect /run/x --json'],
    ['--no-connect /run/x', 'inspect --no-connect /run/x'],
    ['-t 5 /run/x', 'inspect -t 5 /run/x'],
    // A command that is cut
    ['insp /run/x', 'inspect /run/x'],
    ['d', 'doctor'],
    ['sc', 'scan'],
    ['s', 's'],
    ['scann', 'scann'],
    ['bogus', 'bogus'],
    // Options of all commands before it
    ['--json scan', 'scan --json'],
    ['--explain --json inspect /run/x', 'inspect --explain --json /run/x'],
    ['--color=never scan', 'scan --color=never'],
    ['-J sc nginx', 'scan --json nginx'],
    ['-t 5 inspect /run/x', '-t 5 inspect /run/x'],
    // help and version
    ['help', '--help'],
    ['help scan', 'scan --help'],
    ['help insp', 'inspect --help'],
    ['help bogus', 'bogus'],
    ['help s', 's'],
    ['-h', '-h'],
    ['-h scan', 'scan -h'],
    ['scan -h', 'scan -h'],
    ['--help', '--help'],
    ['version', '--version'],
    ['-V', '--version'],
    ['--version', '--version'],
    // Short forms of options of all commands, and colour
    ['scan -J', 'scan --json'],
    ['scan -lJ', 'scan -l --json'],
    ['scan -JLl nginx', 'scan -Ll --json nginx'],
    ['scan -CJ', 'scan -CJ'],
    ['-e inspect /run/x', 'inspect -e /run/x'],
    ['scan --color', 'scan --color=always'],
    ['scan --no-color', 'scan --color=never'],
    ['scan --all', 'scan --connections'],
    ['--no-color scan', 'scan --color=never'],
    ['send /run/x -- -J --color', 'send /run/x -- -J --color'],
  ];

  for (const [typed, meant] of cases) {
    it(`peerpid ${typed}`, () => {
      assert.deepEqual(typedWords(typed === '' ? [] : typed.split(' ')), meant === '' ? [] : meant.split(' '));
    });
  }
});
