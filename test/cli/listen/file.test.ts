import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';

import { assertProblem, asUser } from '../../helpers/assert-problem.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { runInjected, whyNoStrace } from '../../helpers/machine/strace.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { Listening } from '../../helpers/running/listening.js';
import { peerpid, runPeerpid } from '../../helpers/running/run-peerpid.js';

describe('the socket file of listen', () => {
  let directory: TemporaryDirectory;
  let path: string;

  prepareEach((keep) => {
    directory = keep(new TemporaryDirectory());
    path = directory.file('socket');
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`is removed at ${signal}, with a summary and a status`, async () => {
      await using listening = await Listening.start([path]);
      await using client = await Peer.start();
      await client.do('connect', path);
      await listening.next('connection');
      const [{ status, stderr }, summary] = await Promise.all([listening.stop(signal), listening.next('summary')]);
      assert.deepEqual([summary.connections, summary.open, summary.verdicts], [1, 1, { pinned: 1 }]);
      assert.deepEqual([status, stderr], [0, '']);
      assert.equal(existsSync(path), false);
    });
  }

  it('is removed at SIGQUIT, which then ends it as it ends any program', async () => {
    // No core file is left where the tests run
    const wrapper = ['sh', '-c', 'ulimit -c 0; exec "$@"', 'sh'];
    await using listening = await Listening.start([path], { wrapper });
    const ended = once(listening.child, 'exit');
    const [, summary] = await Promise.all([listening.stop('SIGQUIT'), listening.next('summary')]);
    assert.equal(summary.connections, 0);
    assert.deepEqual(await ended, [null, 'SIGQUIT']);
    assert.equal(existsSync(path), false);
  });

  it('is removed at --timeout; too few clients for --count is status 1', async () => {
    const quiet = await runPeerpid(['listen', '--timeout', '0.1', path]);
    assert.deepEqual([quiet.status, quiet.stderr, existsSync(path)], [0, '', false]);
    const few = await runPeerpid(['listen', '--timeout', '0.1', '--count', '2', path]);
    assert.equal(few.status, 1);
    assert.match(few.stderr, /stopped before 2 clients came\n {2}hint: /);
    assert.equal(existsSync(path), false);
  });

  it('is told of when it cannot be removed', async function () {
    const reason = whyNoStrace();
    requireThat(this, reason === undefined, reason ?? '');
    const { stderr, status } = await runInjected(
      ['listen', '--timeout', '0.1', path],
      ['unlink'],
      ['unlink:error=EPERM'],
    );
    assert.equal(status, 0);
    assert.match(stderr, new RegExp(`^peerpid: the socket file ${path} could not be removed \\(EPERM\\)\n {2}hint: `));
    assert.equal(existsSync(path), true);
  });

  it('has the mode of --mode whatever umask is, and umask decides without it', async () => {
    for (const [umask, args, mode] of [
      ['077', ['--mode', '666'], 0o666],
      ['000', ['--mode', '0600'], 0o600],
      ['027', [], 0o750],
    ] as const) {
      const wrapper = ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh'];
      await using _listening = await Listening.start([...args, path], { wrapper });
      assert.equal(statSync(path).mode & 0o777, mode);
      rmSync(path);
    }
  });

  it('is never there with another mode', async function () {
    requirePrograms(this, 'strace');
    const trace = directory.file('trace');
    const wrapper = ['strace', '-f', '-o', trace, '-e', 'trace=chmod,fchmod,fchmodat,bind,umask'];
    const { status } = await runPeerpid(['listen', '--mode', '0600', '--timeout', '0.1', path], { wrapper });
    assert.equal(status, 0);
    assert.match(readFileSync(trace, 'utf8'), /umask\(0177\).*\n(?:.*\n)*?.*bind\(.*socket".*= 0\n/);
    assert.doesNotMatch(readFileSync(trace, 'utf8'), /chmod/);
  });

  it('stays when somebody else has put another there meanwhile', async () => {
    await using listening = await Listening.start([path]);
    rmSync(path);
    writeFileSync(path, 'mine');
    await listening.stop();
    assert.equal(readFileSync(path, 'utf8'), 'mine');
    rmSync(path);
    await using first = await Listening.start([path]);
    rmSync(path);
    await using _second = await Listening.start([path]);
    await first.stop();
    assert.ok(existsSync(path), "it was another listener's");
  });

  it('of a listener that was killed is replaced with --replace, whatever its type and however long its path', async () => {
    const long = `${directory.path}/${'d'.repeat(90)}`;
    mkdirSync(long);
    for (const [type, at] of [
      ['stream', path],
      ['seqpacket', path],
      ['stream', `${long}/socket`],
    ] as const) {
      await using killed = await Listening.start(['--type', type, at]);
      await killed.stop('SIGKILL');
      assert.ok(existsSync(at));
      const refused = await runPeerpid(['listen', at]);
      assert.match(refused.stderr, /nobody listens to any more\n.*--replace/);
      await using next = await Listening.start(['--replace', at]);
      const inspected = await runPeerpid(['inspect', '--connect', at]);
      assert.equal(inspected.status, 0, inspected.stderr);
      // inspect may have ended by the time that it is looked at
      assert.match((await next.next('connection')).verdict, /^(?:pinned|exited)$/);
      const live = await runPeerpid(['listen', '--replace', at]);
      assert.match(live.stderr, /is in use: a socket is bound to it/);
      await next.stop();
      assert.equal(existsSync(at), false);
    }
  });

  it('says that nobody knows whether a socket is bound to a file, where its mode keeps out', async function () {
    requirePrograms(this, 'setpriv');
    requireThat(this, isRoot, 'needs root, to be another user');
    await using killed = await Listening.start(['--mode', '0700', path]);
    await killed.stop('SIGKILL');
    chmodSync(directory.path, 0o777);
    for (const args of [[], ['--replace']]) {
      await assertProblem(
        ['listen', ...args, '--timeout', '0.1', path],
        {
          status: 1,
          message: /exists already, and it is not known whether a socket is bound to it \(EACCES\)$/,
          hint: /find out whose/,
        },
        asUser(65534, 65534),
      );
    }
    assert.ok(existsSync(path));
  });

  it('is reached with a name that is longer than an address', async () => {
    const long = directory.file('n'.repeat(200));
    await using listening = await Listening.start([path]);
    renameSync(path, long);
    const { status, stderr } = await runPeerpid(['inspect', '--connect', long]);
    assert.equal(status, 0, stderr);
    await listening.next('connection');
  });

  it('goes when the reader of the output goes away', async () => {
    await using client = await Peer.start();
    // It tells only once it has gone: what was written before that would wait in the pipe, and be no error
    const reader = `IFS= read -r line; exec <&-; printf '%s\\n' "$line"`;
    const command = `"$1" "$2" listen --json "$3" | { ${reader}; }; echo "\${PIPESTATUS[0]}"`;
    const child = spawn('bash', ['-c', command, 'bash', process.execPath, peerpid, path], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    await once(child.stdout, 'data');
    await client.do('connect', path);
    await once(child, 'close');
    assert.match(output, /^\{"time":[^\n]*"event":"listening"[^\n]*\}\n0\n$/);
    assert.deepEqual([errors, existsSync(path)], ['', false]);
  });

  for (const args of [[], ['--json']]) {
    it(`goes when the output cannot be written ${args.join(' ')}`, async () => {
      const full = openSync('/dev/full', 'w');
      try {
        const child = spawn(process.execPath, [peerpid, 'listen', ...args, path], { stdio: ['ignore', full, 'pipe'] });
        let errors = '';
        child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
        const [status] = (await once(child, 'close')) as [number | null];
        assert.match(errors, /^peerpid: standard output cannot be written: [^\n]*\n {2}hint: [^\n]*\n$/);
        assert.deepEqual([status, existsSync(path)], [1, false]);
      } finally {
        closeSync(full);
      }
    });
  }

  it('is a fresh one without SOCKET: in /run for root, in a directory of its own for nobody', async function () {
    requirePrograms(this, 'setpriv');
    requireThat(this, isRoot, 'needs root, to be another user');
    const env = { XDG_RUNTIME_DIR: '' };
    for (const [options, pattern] of [
      [{ env }, /^\/run\/peerpid-\d+\.sock$/],
      [{ ...asUser(65534, 65534), env: { ...env, TMPDIR: '/tmp' } }, /^\/tmp\/peerpid-\w+\/peerpid-\d+\.sock$/],
    ] as const) {
      const { status, stdout } = await runPeerpid(['listen', '--json', '--timeout', '0.1'], options);
      const [event] = stdout.split('\n');
      const { socket } = JSON.parse(event ?? '') as { socket: { address: string } };
      assert.match(socket.address, pattern);
      assert.equal(status, 0);
      assert.equal(existsSync(socket.address), false);
      if (socket.address.startsWith('/tmp')) assert.equal(existsSync(socket.address.replace(/\/[^/]*$/, '')), false);
    }
  });

  it('is told of when the fresh directory cannot be removed', async function () {
    requirePrograms(this, 'setpriv');
    requireThat(this, isRoot, 'needs root, to be another user');
    const reason = whyNoStrace();
    requireThat(this, reason === undefined, reason ?? '');
    using directory = new TemporaryDirectory();
    chmodSync(directory.path, 0o777);
    const { wrapper = [] } = asUser(65534, 65534);
    const { stderr, status } = await runInjected(['listen', '--timeout', '0.1'], ['rmdir'], ['rmdir:error=EPERM'], {
      wrapper: ['env', 'XDG_RUNTIME_DIR=', `TMPDIR=${directory.path}`, ...wrapper],
    });
    assert.equal(status, 0);
    const [made = ''] = readdirSync(directory.path);
    assert.match(
      stderr,
      new RegExp(`^peerpid: the directory ${directory.path}/${made} could not be removed \\(EPERM\\)\n {2}hint: `),
    );
  });

  it('without a path, says so where it may be nowhere', async function () {
    requireThat(this, isRoot, 'another user takes root');
    requirePrograms(this, 'setpriv');
    await assertProblem(
      ['listen'],
      { status: 1, message: /^there is nowhere to make a socket: .* \/nowhere \(ENOENT\)$/, hint: /@probe/ },
      { ...asUser(54321, 54321), env: { XDG_RUNTIME_DIR: '', TMPDIR: '/nowhere' } },
    );
  });
});
