import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';

import { commandNames } from '../../src/cli/typed-words.js';
import { requirePrograms } from '../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { programRoot } from '../helpers/running/program-root.js';
import { peerpid } from '../helpers/running/run-peerpid.js';

const completions = join(programRoot, 'dist/completions');

/** Asks the function for what it would complete, as bash does where somebody types this and a Tab. */
const askBash = `
source "$1/peerpid.bash"
COMP_WORDS=(peerpid) COMP_LINE=$2 COMP_POINT=\${#2}
_peerpid
printf '%s\\n' "\${COMPREPLY[@]}"`;

/** Types it into a zsh on a terminal of its own, with two Tabs, and prints what that shows. */
const askZsh = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "fpath=($1 \\$fpath); autoload -Uz compinit; compinit -u -D; unsetopt automenu; PS1=; print rea''dy"
until [[ $shown == *ready* ]]; do zpty -r shell line; shown+=$line; done
zpty -n -w shell "$2"$'\\t\\t'
shown=
for (( i = 0; i < 100; i++ )); do
  sleep 0.1
  while zpty -r -t shell line; do shown+=$line; done
  [[ $shown == *"$3"* ]] && break
done
print -r -- "$shown"`;

const askFish = 'source $argv[1]/peerpid.fish; complete -C $argv[2]';

describe('completion by a shell', () => {
  let directory: TemporaryDirectory;
  let server: Server;
  let env: NodeJS.ProcessEnv;
  let socket: string;

  before(async () => {
    directory = new TemporaryDirectory();
    symlinkSync(peerpid, directory.file('peerpid'));
    env = { ...process.env, PATH: `${directory.path}:${process.env['PATH'] ?? ''}`, HOME: directory.path };
    socket = directory.file('service.sock');
    server = createServer();
    await new Promise<void>((resolve) => server.listen(socket, resolve));
  });

  after(() => {
    server.close();
    directory[Symbol.dispose]();
  });

  const ask = (shell: string, args: readonly string[], script: string, ...rest: readonly string[]): string =>
    execFileSync(shell, [...args, '-c', script, ...rest], { encoding: 'utf8', env, cwd: directory.path });

  const bash = (typed: string): string[] =>
    ask('bash', ['--norc'], askBash, 'bash', completions, typed).trim().split('\n');
  const fish = (typed: string): string[] =>
    ask('fish', ['--no-config'], askFish, completions, typed)
      .trim()
      .split('\n')
      .map((line) => line.split('\t')[0] ?? '');

  for (const [typed, ...expected] of [
    ['peerpid insp', 'inspect'],
    ['peerpid scan --verd', '--verdict'],
    ['peerpid scan --verdict rec', 'recycled'],
    ['peerpid scan --verdict=exited,rec', 'exited,recycled'],
    ['peerpid scan --columns service-un', 'service-unit'],
    ['peerpid scan --no-aud', '--no-audit'],
    ['peerpid scan --color=al', 'always'],
    ['peerpid doctor so-peerp', 'so-peerpidfd'],
    ['peerpid trace --acc', '--accepted'],
    ['peerpid trace /run/x --dur', '--duration'],
    ['peerpid --json sen', 'send'],
    ['true; X=1 peerpid rac', 'race'],
  ] as const) {
    it(`of bash completes ${typed}`, function () {
      requirePrograms(this, 'bash');
      assert.deepEqual(bash(typed), expected);
    });
  }

  for (const [typed, ...expected] of [
    ['peerpid insp', 'inspect'],
    ['peerpid scan --verd', '--verdict'],
    ['peerpid scan --verdict rec', 'recycled'],
    ['peerpid scan --verdict=exited,rec', '--verdict=exited,recycled'],
    ['peerpid scan --no-aud', '--no-audit'],
    ['peerpid doctor so-peerp', 'so-peerpidfd'],
    ['peerpid trace --acc', '--accepted'],
  ] as const) {
    it(`of fish completes ${typed}`, function () {
      requirePrograms(this, 'fish');
      assert.deepEqual(fish(typed), expected);
    });
  }

  it('has the sockets that exist now', function () {
    requirePrograms(this, 'bash', 'fish');
    for (const command of ['inspect', 'scan', 'send', 'trace', 'trace --failed', 'trace --socket']) {
      const typed = `peerpid ${command} ${socket.slice(0, -5)}`;
      assert.deepEqual(bash(typed), [socket]);
      assert.deepEqual(fish(typed), [socket]);
    }
  });

  it('of zsh completes commands, options, values and sockets', function () {
    requirePrograms(this, 'zsh');
    for (const [typed, expected] of [
      ['peerpid insp', 'peerpid inspect'],
      ['peerpid scan --verd', '--verdict'],
      ['peerpid scan --verdict rec', 'recycled'],
      ['peerpid doctor so-peerp', 'so-peerpidfd'],
      [`peerpid inspect ${socket.slice(0, -5)}`, socket],
      ['peerpid trace --acc', '--accepted'],
      [`peerpid trace ${socket.slice(0, -5)}`, socket],
    ] as const) {
      assert.ok(ask('zsh', ['-f'], askZsh, 'zsh', completions, typed, expected).includes(expected), typed);
    }
  });

  it('knows every option of every command', () => {
    for (const command of commandNames) {
      const help = execFileSync(process.execPath, [peerpid, command, '--help'], { encoding: 'utf8' });
      const flags = help.slice(help.indexOf('FLAGS'), help.indexOf('DESCRIPTION'));
      const options = [...flags.matchAll(/^ +(?:-\w, |)--(?:\[no-\])?([a-z-]+)/gm)].map(
        ([, name]) => `--${name ?? ''}`,
      );
      assert.ok(options.length > 2, flags);
      const completed = bash(`peerpid ${command} -`);
      for (const option of options) assert.ok(completed.includes(option), `${command} ${option}`);
    }
  });
});

describe('the names of sockets for a shell', () => {
  it('are none that a terminal would obey', async () => {
    const name = `\0peerpid-\x1b[2J-${process.pid}`;
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(name, resolve));
    try {
      const names = execFileSync(process.execPath, [peerpid, '__sockets'], { encoding: 'utf8' });
      assert.doesNotMatch(names, /\x1b|peerpid-\[2J/);
    } finally {
      server.close();
    }
  });
});
