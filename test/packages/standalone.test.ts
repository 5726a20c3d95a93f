import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, linkSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';

import type { DoctorDocument } from '../../src/document/doctor-document.js';
import type { InspectDocument } from '../../src/document/inspect-document.js';
import type { ScanDocument } from '../../src/document/scan-document.js';
import { childrenOf } from '../helpers/machine/pid-namespace.js';
import { isRoot, requirePrograms, requireThat } from '../helpers/machine/requirements.js';
import { refusing } from '../helpers/machine/seccomp.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { repositoryPath } from '../helpers/pages.js';
import { Peer } from '../helpers/peers/peer.js';
import { assertDocument, type SchemaName } from '../helpers/running/json-schema.js';
import { requireTracing } from '../helpers/running/traced-events.js';
import { waitFor } from '../helpers/wait-for.js';

const nobody = 65534;

/** Makes the executable of this machine. @returns why not, where npm's registry is out of reach */
function make(output: string): string | undefined {
  const script = `import { makeExecutable } from './scripts/package/executable.js';
    await makeExecutable(process.arch, process.argv[1]);`;
  const node = ['--input-type=module', '--eval', script, output];
  const { status, stderr } = spawnSync(process.execPath, node, { cwd: repositoryPath('.'), encoding: 'utf8' });
  if (status === 0) return undefined;
  if (/E(?:NOTFOUND|AI_AGAIN|CONNREFUSED|TIMEDOUT|NETUNREACH)/.test(stderr))
    return 'the package registry is out of reach';
  throw new Error(stderr);
}

/** A root directory in which there is the executable, the libraries that it is linked with, and a mount point. */
function fillRoot(root: string, executable: string): void {
  const linked = execFileSync('ldd', [executable], { encoding: 'utf8' });
  for (const [library] of linked.matchAll(/\/\S+/g)) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    copyFileSync(library, join(root, library));
  }
  linkSync(executable, join(root, 'peerpid'));
  mkdirSync(join(root, 'proc'));
}

describe('the single executable', function () {
  this.timeout(120_000);
  let directory: TemporaryDirectory;
  let executable: string;

  before(function () {
    requirePrograms(this, 'npm', 'tar', 'llvm-strip', 'ldd');
    directory = new TemporaryDirectory();
    executable = directory.file('peerpid');
    const reason = make(executable);
    if (reason !== undefined && process.env['CI'] === 'true') throw new Error(`CI: ${reason}`);
    requireThat(this, reason === undefined, reason ?? '');
  });
  after(() => {
    directory[Symbol.dispose]();
  });

  describe('where there is nothing else', () => {
    let root: string;
    let room: ChildProcess;
    let files: string[];

    const run = (uid: number, ...args: string[]): { status: number | null; stdout: string; stderr: string } => {
      const [init = 0] = childrenOf(room.pid ?? 0);
      const enter = ['--pid', '--net', '--mount', '--root', '--wd', '--target', String(init)];
      return spawnSync('nsenter', [...enter, '--setuid', String(uid), '--setgid', String(uid), '/peerpid', ...args], {
        encoding: 'utf8',
        env: {},
      });
    };
    const documentOf = (schema: SchemaName, uid: number, ...args: string[]): unknown => {
      const { stdout, stderr } = run(uid, ...args, '--json');
      assert.equal(stderr, '');
      assertDocument(schema, stdout);
      return JSON.parse(stdout);
    };

    before(async function () {
      requireThat(this, isRoot, 'chroot(2) takes root');
      requirePrograms(this, 'unshare', 'nsenter');
      root = directory.file('root');
      fillRoot(root, executable);
      files = readdirSync(root, { recursive: true, encoding: 'utf8' });
      const apart = ['--pid', '--net', '--mount', '--fork', '--kill-child', `--root=${root}`, '--mount-proc'];
      const listen = ['/peerpid', 'listen', '--json', '--mode', '0666', '/listener'];
      room = spawn('unshare', [...apart, ...listen], { stdio: ['ignore', 'ignore', 'inherit'], env: {} });
      await waitFor('it listens', () => run(0, 'inspect', '/listener').status === 0);
    });
    after(async () => {
      const ended = once(room, 'exit');
      if (room.kill('SIGKILL')) await ended;
      // Neither koffi nor anything else
      assert.deepEqual(readdirSync(root, { recursive: true, encoding: 'utf8' }).sort(), [...files, 'listener'].sort());
    });

    it('is called peerpid, as ps(1) and pgrep(1) have it', () => {
      const { byPidfd } = documentOf('inspect', 0, 'inspect', '--connect', '/listener') as InspectDocument;
      assert.equal(byPidfd?.comm, 'peerpid');
    });

    for (const [user, uid] of [
      ['root', 0],
      ['nobody', nobody],
    ] as const) {
      describe(`as ${user}`, () => {
        it('tells its version, and helps', () => {
          assert.match(run(uid, '--version').stdout, /^peerpid\/\S+ linux-\w+ node-v\d+/);
          const { status, stdout } = run(uid, 'inspect', '--help');
          assert.deepEqual([status, /^USAGE/m.test(stdout)], [0, true]);
        });

        it('inspects the process of another', () => {
          const { verdict, byPidfd } = documentOf('inspect', uid, 'inspect', '/listener') as InspectDocument;
          assert.deepEqual([verdict, byPidfd?.pid], ['pinned', 1]);
        });

        it('sends', () => {
          const { status, stdout, stderr } = run(uid, 'send', '/listener', 'text');
          assert.deepEqual([status, stdout, stderr], [0, 'sent 4 bytes (stream)\n', '']);
        });

        it('scans', () => {
          const { sockets } = documentOf('scan', uid, 'scan', '--own-namespace') as ScanDocument;
          assert.deepEqual(
            sockets.filter(({ state }) => state === 'listening').map(({ address }) => address),
            ['/listener'],
          );
        });

        it('tries what works here', () => {
          const { rows } = documentOf('doctor', uid, 'doctor') as DoctorDocument;
          assert.equal(rows.find(({ id }) => id === 'so-peerpidfd')?.ability, 'works');
        });

        it('says what trace takes', () => {
          const { status, stderr } = run(uid, 'trace');
          assert.equal(status, 4, stderr);
          assert.match(stderr, /^peerpid: there is no libbpf\.so\.1 here$/m);
        });
      });
    }

    it('races, on a stage of its own', () => {
      documentOf('race', 0, 'race');
    });
  });

  describe('on this machine', () => {
    let server: Peer;
    let path: string;
    // Not here, where there are files of the same names as within
    const cwd = '/';

    before(async () => {
      server = await Peer.start();
      path = directory.file('listener');
      await server.do('listen', path);
    });
    after(() => server[Symbol.asyncDispose]());

    const inspects = (wrapper: readonly string[], env: NodeJS.ProcessEnv): void => {
      const [command, ...args] = [...wrapper, executable, 'inspect', '--json', path];
      const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', cwd, env: { ...process.env, ...env } });
      assert.equal(stderr, '');
      assertDocument('inspect', stdout);
      assert.equal((JSON.parse(stdout) as InspectDocument).byPidfd?.pid, server.pid);
    };

    it('takes no options of Node from the environment', () => {
      inspects([], { NODE_OPTIONS: '--no-addons --require=/missing' });
    });

    it('needs no file that may be run where it has memory', function () {
      requireThat(this, isRoot, 'mounting takes root');
      requirePrograms(this, 'unshare', 'mount');
      const hide = '/tmp /var/tmp /dev/shm /run';
      const work = directory.path;
      // What the test has in there stays
      const script = `mount --bind ${work} /mnt && for d in ${hide}; do mount -t tmpfs -o noexec none $d; done
        mkdir -p ${work} && mount --bind /mnt ${work} && exec "$@"`;
      inspects(['unshare', '--mount', 'sh', '-ec', script, 'sh'], {});
    });

    it('makes do with a file, and removes it, where memory is refused', function () {
      requireThat(this, isRoot, 'a filter takes root');
      requirePrograms(this, 'python3');
      const place = directory.file('place');
      mkdirSync(place);
      inspects(refusing('memfd_create', constants.errno.EPERM), { TMPDIR: place });
      assert.deepEqual(readdirSync(place), []);
    });

    it('says what it tried where koffi cannot be loaded', function () {
      requireThat(this, isRoot, 'a filter takes root');
      requirePrograms(this, 'python3', 'unshare', 'mount');
      const hide = 'for d in /dev/shm /run /var/tmp; do mount -t tmpfs -o noexec none $d; done; exec "$@"';
      const wrapper = ['unshare', '--mount', 'sh', '-ec', hide, 'sh'];
      const refused = refusing('memfd_create', constants.errno.EPERM);
      const [command, ...args] = [...wrapper, ...refused, executable, 'inspect', '@nobody'];
      const { status, stderr } = spawnSync(command, args, {
        encoding: 'utf8',
        cwd,
        env: { ...process.env, TMPDIR: '/missing' },
      });
      assert.equal(status, 1);
      assert.match(
        stderr,
        /^peerpid: koffi, .* cannot be loaded: memfd_create\(2\) is refused; .*\n {2}hint: It is within/s,
      );
    });

    it('has a second thread for scans', function () {
      requirePrograms(this, 'strace');
      const calls = directory.file('calls');
      const strace = ['-f', '-qq', '-o', calls, '-e', 'trace=memfd_create', executable];
      let threads = new Set<string | undefined>();
      // On a busy machine the first may be done before the second comes up
      for (let times = 0; times < 5 && threads.size < 2; times++) {
        spawnSync('strace', [...strace, 'scan', '--source', 'proc', '--summary', 'only'], { cwd, stdio: 'ignore' });
        threads = new Set(Array.from(readFileSync(calls, 'utf8').matchAll(/^(\d+) +memfd_create/gm), ([, id]) => id));
      }
      assert.equal(threads.size, 2);
    });

    it('has its BPF programs within', function () {
      requireTracing(this);
      const { stdout } = spawnSync(executable, ['doctor', 'trace', 'scan-by-bpf', '--json'], { encoding: 'utf8', cwd });
      const { rows } = JSON.parse(stdout) as DoctorDocument;
      assert.deepEqual(
        rows.map(({ id, ability }) => [id, ability]),
        [
          ['scan-by-bpf', 'works'],
          ['trace', 'works'],
        ],
      );
    });
  });
});
