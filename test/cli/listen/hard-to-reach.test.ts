import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';

import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { type RunOptions, runPeerpid } from '../../helpers/running/run-peerpid.js';

describe('listen, at an address that is hard to reach', () => {
  let directory: TemporaryDirectory;

  prepareEach((keep) => {
    directory = keep(new TemporaryDirectory());
    return Promise.resolve();
  });

  /** The warnings, which are the same on standard error and in JSON. */
  const warned = async (args: readonly string[], options: RunOptions = {}): Promise<string[]> => {
    const json = await runPeerpid(['listen', '--json', '--timeout', '0.1', ...args], options);
    const events = json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; code?: string; text?: string });
    const warnings = events.filter(({ event }) => event === 'warning');
    assert.ok(warnings.every(({ code }) => code === 'HARD_TO_REACH'));
    assert.deepEqual([events[0]?.event, json.stderr, json.status], ['listening', '', 0]);
    const texts = warnings.map(({ text = '' }) => text);
    const text = await runPeerpid(['listen', '--timeout', '0.1', ...args], options);
    assert.equal(text.stderr, texts.map((one) => `peerpid: warning: ${one}\n`).join(''));
    assert.doesNotMatch(text.stdout, /warning/);
    return texts;
  };

  const ownNames = (file: string): string => execFileSync('stat', ['-c', '%U %G', file], { encoding: 'utf8' }).trim();

  it('warns of none that everybody reaches', async () => {
    assert.deepEqual(await warned(['--mode', '0666', directory.file('socket')]), []);
    assert.deepEqual(await warned([freshName()]), []);
  });

  it('warns of a directory that keeps out whom the mode lets in, and of none else', async () => {
    const closed = directory.file('closed');
    mkdirSync(closed);
    chmodSync(closed, 0o700);
    const [text = '', ...others] = await warned(['--mode', '0666', `${closed}/socket`]);
    assert.equal(
      text,
      `Its mode, 0666, lets in everybody, but ${closed} (0700 ${ownNames(closed)}) does not: whoever may not enter it is refused (EACCES).`,
    );
    assert.deepEqual(others, []);
    assert.match(
      (await warned(['--mode', '0660', `${closed}/socket`]))[0] ?? '',
      /lets in group \S+, but \S+closed \(0700 /,
    );
    assert.deepEqual(await warned(['--mode', '0600', `${closed}/socket`]), []);
    chmodSync(closed, 0o710);
    assert.deepEqual(await warned(['--mode', '0660', `${closed}/socket`]), []);
  });

  it('regards access control lists, of the file as of the directories', async function () {
    requirePrograms(this, 'setfacl');
    const closed = directory.file('closed');
    mkdirSync(closed);
    const withLists = async (mode: number, ...lists: string[]): Promise<string[]> => {
      chmodSync(closed, mode);
      for (const list of lists) execFileSync('setfacl', [...list.split(' '), closed]);
      const texts = await warned(['--mode', '0660', `${closed}/socket`]);
      execFileSync('setfacl', ['-bk', closed]);
      return texts;
    };
    // What is made in there gets the entry
    const letsBobIn = '-dm u:61002:rw,m:rw';
    assert.deepEqual(await withLists(0o710, '-m u:61003:---'), []);
    assert.deepEqual(await withLists(0o711, letsBobIn), []);
    const [user = '', ...others] = await withLists(0o710, letsBobIn);
    assert.deepEqual(others, []);
    assert.match(
      user,
      /^Its mode and access control list let in user 61002, but \S+closed \(0710 \S+ \S+\) does not: whoever may not enter it is refused/,
    );
    assert.deepEqual(await withLists(0o710, letsBobIn, '-m u:61002:x'), []);
    assert.match((await withLists(0o711, letsBobIn, '-m u:61002:---'))[0] ?? '', /let in user 61002, but /);
    chmodSync(closed, 0o755);
    execFileSync('setfacl', ['-m', 'g:62002:---', closed]);
    assert.match(
      (await warned(['--mode', '0666', `${closed}/open`]))[0] ?? '',
      /^Its mode, 0666, lets in group 62002, but \S+closed \(0755 .*, with an access control list\) does not/,
    );
  });

  it('warns of a path that fills the address, and of one that is longer', async () => {
    const at = (length: number): string => directory.file('a'.repeat(length - directory.path.length - 1));
    assert.deepEqual(await warned([at(107)]), []);
    assert.match((await warned([at(108)]))[0] ?? '', /^Its path has 108 bytes: .*a NUL/);
    mkdirSync(directory.file('d'.repeat(90)));
    assert.match((await warned([directory.file(`${'d'.repeat(90)}/socket`)]))[0] ?? '', /^Its path has 1\d\d bytes/);
  });

  it('warns of NUL bytes and control characters', async () => {
    const name = freshName();
    assert.match((await warned([`${name}\\x00\\x00`]))[0] ?? '', /^Its name has 2 NUL bytes, which are part/);
    assert.match((await warned([`${name}\\x0a`]))[0] ?? '', /^Its name has 1 control character/);
    assert.match((await warned([directory.file('a\\x07')]))[0] ?? '', /^Its path has 1 control character/);
  });

  it('warns of a directory that process 1 does not see, as with PrivateTmp=', async function () {
    requirePrograms(this, 'unshare', 'mount');
    requireThat(this, isRoot, 'needs root, to make namespaces');
    const there = directory.file('there');
    mkdirSync(there);
    // In a PID namespace of its own, whose process 1 may be looked at
    const own = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const mounting = (mount: string): RunOptions => ({
      wrapper: [
        ...own,
        'sh',
        '-c',
        'unshare --mount sh -c "$0" "$@"; exit $?',
        `${mount} && shift && exec "$@"`,
        'sh',
        there,
      ],
    });
    const [text = ''] = await warned([`${there}/socket`], mounting('mount -t tmpfs none "$1"'));
    assert.match(text, /^The directory \S+there belongs to this mount namespace only.*process 1 sees another one/);
    const [missing = ''] = await warned(
      [`${there}/new/socket`],
      mounting('mount -t tmpfs none "$1" && mkdir "$1/new"'),
    );
    assert.match(missing, /process 1 sees none at that path/);
    // Another mount namespace with the same directory in it
    assert.deepEqual(await warned([`${there}/socket`], mounting('true')), []);
    // Who may not look at process 1 goes by how systemd names what it mounts
    const systemd = directory.file('systemd-private-0-app.service-x/tmp');
    mkdirSync(systemd, { recursive: true });
    chmodSync(systemd, 0o777);
    const asNobody = `mount --bind ${systemd} "$1" && shift && exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"`;
    const wrapper = ['unshare', '--mount', 'sh', '-c', asNobody, 'sh', there];
    assert.match((await warned([`${there}/socket`], { wrapper }))[0] ?? '', /systemd made it for one service/);
  });
});

describe('listen, where a socket file is there already', () => {
  it('tells why nobody listens, and advises to remove only what is left over', async () => {
    using directory = new TemporaryDirectory();
    await using server = await Peer.start({ cwd: directory.path });
    const path = directory.file('socket');
    const refused = async (): Promise<string> => (await runPeerpid(['listen', '--timeout', '0.1', path])).stderr;
    const listener = await server.number('listen', path);
    const client = await server.number('connect', path);
    const accepted = await server.number('accept', listener);
    await server.do('close', listener);
    const draining = `is there already: nobody listens on ${path} any more: 1 connected socket has its address\n  hint: Process ${server.pid} `;
    const text = await refused();
    assert.ok(text.includes(draining), text);
    assert.doesNotMatch(text, /--replace/);
    await server.do('close', client);
    await server.do('close', accepted);
    assert.match(await refused(), /nobody listens to any more\n {2}hint: --replace removes it first/);
    await server.do('bindOnly', `${path}-bound`);
    const bound = await runPeerpid(['listen', '--timeout', '0.1', '--replace', `${path}-bound`]);
    assert.match(bound.stderr, /socket-bound is in use: a socket is bound to it\n/);
  });
});
