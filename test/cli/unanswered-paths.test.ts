import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';

import { HangingPaths } from '../helpers/hostile/hanging-paths.js';
import { requireThat } from '../helpers/machine/requirements.js';
import { Listening } from '../helpers/running/listening.js';
import { type Outcome, runPeerpid } from '../helpers/running/run-peerpid.js';
import { waitFor } from '../helpers/wait-for.js';

/** Sockets on the FUSE. */
const number = 20;

interface Row {
  readonly address: string;
  readonly verdict: string;
  readonly findings: readonly { readonly id: string }[];
  readonly unavailable: readonly { readonly fact: string; readonly code?: string }[];
}

for (const kind of ['silent', 'reading'] as const) {
  describe(`a file system that does not answer (${kind})`, () => {
    let started: HangingPaths | undefined;

    before(async function () {
      started = await HangingPaths.start(this, number, kind);
    });

    after(async () => {
      await started?.[Symbol.asyncDispose]();
    });

    const paths = (): HangingPaths => started ?? assert.fail();

    // Children that were given up end with the FUSE at the latest
    afterEach(async () => {
      if (kind === 'silent') await waitFor('nothing is left behind', () => paths().left.length === 0);
    });

    const run = async (...args: string[]): Promise<Outcome> => runPeerpid(args, { wrapper: paths().room.enter });

    it('holds up no scan: verdicts are as ever, and the paths are not known', async () => {
      const { stdout, status } = await run('scan', '--json');
      const { sockets } = JSON.parse(stdout) as { sockets: Row[] };
      const rows = sockets.filter(({ address }) => address.startsWith(paths().path('s')));
      assert.equal(rows.length, number);
      for (const { verdict, findings, unavailable } of rows) {
        assert.equal(verdict, 'pinned');
        assert.deepEqual(
          findings.map(({ id }) => id),
          ['path-unreadable'],
        );
        assert.equal(unavailable.find(({ fact }) => fact === 'file')?.code, 'ETIMEDOUT');
      }
      assert.equal(status, 0);
    });

    it('is asked once, however many paths there are', async () => {
      const before = paths().hanging.log.split('is never answered').length;
      await run('scan', '--json');
      // Which only one that reads can tell: a LOOKUP each, and an INTERRUPT when it is killed
      const asked = paths().hanging.log.split('is never answered').length - before;
      assert.ok(kind === 'silent' ? asked === 0 : asked >= 1 && asked <= 3, `${asked} requests`);
    });

    for (const command of ['inspect', 'send']) {
      it(`holds up no ${command}, which says why`, async () => {
        const { status, stderr } = await run(command, paths().path('s0'));
        assert.equal(status, 1);
        assert.match(stderr, /mount\/s0 cannot be looked at: a file system on its path does not answer/);
      });
    }

    it('holds up nobody who names an escape there, or a file for the output', async () => {
      const { status, stderr } = await run('inspect', paths().path('s\\x30'));
      assert.equal(status, 1);
      assert.match(stderr, /mount\/s0 cannot be looked at: a file system on its path does not answer/);
      const written = await run('scan', '--output', paths().path('file'));
      assert.equal(written.status, 1);
      assert.match(written.stderr, /mount\/file cannot be written: .*\n.*A file system on its path does not answer/);
    });

    it('holds up nobody in whose $PATH it is, which is said where dot is found nowhere else', async () => {
      const wrapper = [...paths().room.enter, 'env', `PATH=${paths().path('')}`];
      const { status, stderr } = await runPeerpid(['scan', '--graph', '--output', '/tmp/unanswered.svg'], { wrapper });
      assert.equal(status, 1);
      assert.match(stderr, /was not looked for at .*mount\/dot, because a file system on its path does not answer/);
    });

    it('holds up no doctor that looks for services there', async function () {
      // Of polkit's
      const directories = ['/usr/lib/polkit-1', '/usr/libexec'].filter((directory) => existsSync(directory));
      requireThat(this, directories.length > 0, 'needs /usr/libexec');
      const [nsenter = '', ...enter] = paths().room.enter;
      // It stays there: umount(8) would ask it
      for (const directory of directories) {
        execFileSync(nsenter, [...enter, 'mount', '--bind', paths().path(''), directory], { timeout: 10_000 });
      }
      const { status, stderr } = await run('doctor');
      assert.ok(status === 0 || status === 4, stderr);
    });

    for (const args of [['new'], ['--replace', 's0']]) {
      it(`holds up no listen ${args.join(' ')}, which says why`, async () => {
        const [name = '', ...options] = args.toReversed();
        const { status, stderr } = await run('listen', ...options, paths().path(name));
        assert.equal(status, 1);
        assert.match(stderr, /cannot create .*: a file system on its path does not answer/);
      });
    }
  });
}

it('children that cannot be killed end with the file system that they wait for', async function () {
  await using paths = await HangingPaths.start(this, 1, 'reading');
  await runPeerpid(['scan'], { wrapper: paths.room.enter });
  assert.ok(paths.left.length <= 1);
  await paths.hanging[Symbol.asyncDispose]();
  // The room's first process reaps none
  await waitFor('they end', () =>
    paths.left.every((pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')),
  );
});

it('a file system that answers nothing but names from its cache holds up nobody who connects', async function () {
  await using paths = await HangingPaths.start(this, 1, 'permission');
  for (const command of [['inspect', '--connect'], ['send']]) {
    const { status, stderr } = await runPeerpid([...command, paths.path('s0')], { wrapper: paths.room.enter });
    assert.equal(status, 1);
    assert.match(stderr, /mount\/s0 cannot be looked at: a file system on its path does not answer/);
  }
  await waitFor('nothing is left behind', () => paths.left.length === 0);
});

it('a file system that answers no longer holds up no end of listen, which says what it leaves', async function () {
  await using paths = await HangingPaths.start(this, 1, 'later');
  await using listening = await Listening.start([paths.path('mine')], { wrapper: paths.room.enter });
  await paths.hang();
  // nsenter(1) does not pass it on
  for (const pid of paths.running('--json')) process.kill(pid, 'SIGTERM');
  await once(listening.child, 'exit');
  const { status, stderr } = await listening.stop();
  assert.equal(status, 0);
  assert.match(stderr, /the socket file .*mount\/mine could not be removed \(ETIMEDOUT\)/);
});
