import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync } from 'node:fs';

import stringWidth from 'string-width';

import type { InspectDocument } from '../../src/document/inspect-document.js';
import { escapedName } from '../../src/words/text.js';
import { withLastArgument } from '../helpers/assert-problem.js';
import { requirePrograms } from '../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { Peer } from '../helpers/peers/peer.js';
import { prepareEach } from '../helpers/prepare-each.js';
import { type Outcome, outcomeOf, peerpid, runPeerpid, startPeerpid } from '../helpers/running/run-peerpid.js';

/** Everything that a terminal might obey, but for the newlines of the output itself; SGR is colour. */
const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u061c\u2028-\u202e\u2066-\u2069]/;

const sh = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Runs peerpid on a terminal of so many columns. */
async function onTerminal(columns: number, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const command = [process.execPath, peerpid, ...args].map(sh).join(' ');
  const child = spawn('script', ['-qec', `stty cols ${columns} rows 50; exec ${command}`, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '', TERM: 'xterm', ...env },
  });
  const { stdout } = await outcomeOf(child);
  return stdout.replaceAll('\r\n', '\n');
}

describe('output', () => {
  let directory: TemporaryDirectory;
  let peer: Peer;

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    peer = keep(await Peer.start({ cwd: directory.path }));
  });

  const names: readonly (readonly [string, Buffer])[] = [
    ['blanks and quotes', Buffer.from(` a "b" 'c' $d `)],
    ['a backslash and what looks like an escape', Buffer.from('a\\x41\\b')],
    ['a newline and an escape sequence', Buffer.from('a\n\x1b[31mb\x7f')],
    ['bytes that are not UTF-8', Buffer.from([0x61, 0xff, 0xc3, 0x28, 0x80])],
    ['bidi, C1 and wide characters', Buffer.from('\u202ea\u009bbgrüße漢字')],
    ['a leading @', Buffer.from('@name')],
    ['a leading dash', Buffer.from('--help')],
  ];

  const inspect = async (socket: string, ...options: string[]): Promise<Outcome> =>
    runPeerpid(['inspect', '--json', ...options, socket], { cwd: directory.path });

  for (const [title, name] of names) {
    it(`gives an address back that reaches the same socket: a path with ${title}`, async () => {
      const typed = escapedName(name);
      const address = /^[@-]/.test(typed) ? `./${typed}` : typed;
      await peer.do('listen', address);
      // As a shell gives it: the bytes themselves
      const bytes = /^[@-]/.test(typed) ? Buffer.concat([Buffer.from('./'), name]) : name;
      const raw = await runPeerpid(['inspect', '--json'], { ...withLastArgument(bytes), cwd: directory.path });
      assert.equal(raw.status, 0, raw.stderr + raw.stdout);
      assert.doesNotMatch(raw.stdout, controls);
      const first = (JSON.parse(raw.stdout) as InspectDocument).socket;
      const again = await inspect(first.address ?? '');
      assert.equal(again.status, 0, again.stdout);
      const second = (JSON.parse(again.stdout) as InspectDocument).socket;
      assert.deepEqual([second.address, second.inode], [first.address, first.inode]);
    });
  }

  it('gives an address back that reaches the same socket: abstract names of any bytes', async () => {
    for (const name of [...names.map(([, bytes]) => bytes), randomBytes(107), randomBytes(40), Buffer.alloc(3)]) {
      const address = `@${escapedName(Buffer.concat([name, Buffer.from(String(peer.pid))]).subarray(-107))}`;
      await peer.do('listen', address);
      const { status, stdout } = await inspect(address);
      assert.equal(status, 0, stdout);
      assert.equal((JSON.parse(stdout) as InspectDocument).socket.address, address);
      assert.equal((JSON.parse(stdout) as InspectDocument).credential?.pid, peer.pid);
    }
  });

  it('gives the address of listen so that inspect takes it', async () => {
    const args = ['listen', '--once', '--json', '--'];
    const child = startPeerpid(args, { ...withLastArgument(Buffer.from('-a\n\xff', 'latin1')), cwd: directory.path });
    // It may end before inspect has
    const outcome = outcomeOf(child);
    const line = await new Promise<string>((resolve) =>
      child.stdout.setEncoding('utf8').once('data', (text: string) => {
        resolve(text);
      }),
    );
    // A warning of its name may have come with it
    const { socket } = JSON.parse(line.split('\n')[0] ?? '') as InspectDocument;
    assert.equal(socket.address, './-a\\x0a\\xff');
    assert.equal((await inspect(socket.address ?? '', '--connect')).status, 0);
    // 3 where inspect had ended before listen looked at it
    assert.ok([0, 3].includes((await outcome).status ?? -1));
  });

  it('lets nothing through that a terminal obeys, from a hostile process', async () => {
    const hostile = 'x\x1b]0;owned\x07\x1b[2J\u009b31m\u202eevil\n\r';
    mkdirSync(directory.file(hostile));
    const node = `${directory.file(hostile)}/node`;
    copyFileSync(process.execPath, node);
    await using other = await Peer.start({ node, cwd: directory.file(hostile) });
    await other.do('title', hostile);
    await other.do('listen', directory.file('socket'));
    const args = ['inspect', '--explain', directory.file('socket')];
    const [text, json] = await Promise.all([runPeerpid(args), runPeerpid([...args, '--json'])]);
    assert.equal(text.status, 0);
    assert.match(text.stdout, /\\x1b/);
    for (const output of [text.stdout, text.stderr, json.stdout]) assert.doesNotMatch(output, controls);
    assert.equal((JSON.parse(json.stdout) as InspectDocument).byPidfd?.comm, hostile.slice(0, 15).trimEnd());
  });

  it('fits the terminal, whatever its width', async function () {
    requirePrograms(this, 'script', 'stty');
    const name = 'w'.repeat(90);
    await peer.do('title', `${'word '.repeat(40)}${'x'.repeat(200)}`);
    await peer.do('listen', name);
    for (const columns of [40, 59, 60, 80, 81, 200]) {
      for (const args of [
        ['inspect', `${directory.path}/${name}`],
        ['listen', '--timeout', '0.1', `${directory.path}/${'v'.repeat(80)}`],
      ]) {
        const output = await onTerminal(columns, [...args, '--no-color']);
        assert.match(output, /listening/);
        for (const line of output.split('\n')) {
          assert.ok(stringWidth(line) <= columns, `${stringWidth(line)} > ${columns}: ${line}`);
        }
      }
    }
  });

  it('has colour on a terminal only, and not where it is not wanted', async function () {
    requirePrograms(this, 'script', 'stty');
    await peer.do('listen', 'socket');
    const path = directory.file('socket');
    assert.match(await onTerminal(80, ['inspect', path]), /\x1b\[/);
    assert.match(await onTerminal(80, ['inspect', 'nothing']), /\x1b\[/);
    for (const args of [path, 'nothing']) {
      assert.doesNotMatch(await onTerminal(80, ['inspect', args, '--no-color']), /\x1b/);
      assert.doesNotMatch(await onTerminal(80, ['inspect', args], { NO_COLOR: '1' }), /\x1b/);
      assert.doesNotMatch(await onTerminal(80, ['inspect', args], { TERM: 'dumb' }), /\x1b/);
      assert.doesNotMatch(await onTerminal(80, ['inspect', args], { CLICOLOR: '0' }), /\x1b/);
      const { stdout, stderr } = await runPeerpid(['inspect', args], { cwd: directory.path });
      assert.doesNotMatch(stdout + stderr, /\x1b/);
    }
  });

  it('has colour in a pipe where it is asked for, by an option above all', async () => {
    await peer.do('listen', 'coloured');
    const unset = { NO_COLOR: undefined, FORCE_COLOR: undefined, CLICOLOR: undefined, CLICOLOR_FORCE: undefined };
    const cases: readonly (readonly [boolean, readonly string[], NodeJS.ProcessEnv])[] = [
      [true, ['--color=always'], {}],
      [true, ['--color'], { NO_COLOR: '1' }],
      [true, [], { FORCE_COLOR: '1' }],
      [true, [], { CLICOLOR_FORCE: '1' }],
      [false, [], { FORCE_COLOR: '0' }],
      [false, [], { FORCE_COLOR: '1', NO_COLOR: '1' }],
      [false, ['--color=never'], { FORCE_COLOR: '1' }],
      [false, ['--no-color'], { FORCE_COLOR: '1' }],
      [false, ['--color=auto'], {}],
      [false, [], {}],
    ];
    for (const [isColoured, options, env] of cases) {
      for (const socket of [directory.file('coloured'), 'nothing']) {
        const run = { cwd: directory.path, env: { ...unset, ...env } };
        const { stdout, stderr } = await runPeerpid([...options, 'inspect', socket], run);
        const text = stdout + stderr;
        assert.equal(text.includes('\x1b['), isColoured, JSON.stringify([options, env, text]));
        assert.doesNotMatch(text, /Warning/);
      }
    }
  });

  it('of SOCKET alone is that of inspect', async () => {
    await peer.do('listen', 'alone');
    const path = directory.file('alone');
    const option = '--no-connect';
    const [alone, inspected] = [await runPeerpid([option, path]), await runPeerpid(['inspect', option, path])];
    // Other tests' processes come and go
    const [shown, expected] = [alone, inspected].map((one) => one.stdout.replace(/^not seen.*\n/m, ''));
    assert.deepEqual([alone.status, shown], [0, expected]);
    const { status, stdout } = await runPeerpid(['-J', path]);
    assert.equal(status, 0);
    assert.equal((JSON.parse(stdout) as InspectDocument).socket.address, path);
  });

  it('has JSON pretty on a terminal and on one line in a pipe', async function () {
    requirePrograms(this, 'script', 'stty');
    await peer.do('listen', 'socket');
    const pretty = await onTerminal(80, ['inspect', '--json', directory.file('socket')]);
    const { stdout } = await runPeerpid(['inspect', '--json', directory.file('socket')]);
    assert.match(pretty, /^\{\n {2}"socket": \{\n/);
    assert.match(stdout, /^\{"socket":[^\n]*\}\n$/);
    assert.equal((JSON.parse(pretty) as InspectDocument).verdict, 'pinned');
  });
});
