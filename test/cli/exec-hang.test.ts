import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

import type { ScanDocument } from '../../src/document/scan-document.js';
import type { WatchEvent } from '../../src/document/watch-event.js';
import { hostileProgram, pidOf } from '../helpers/hostile/hostile.js';
import { freshName } from '../helpers/peers/connected.js';
import { Peer } from '../helpers/peers/peer.js';
import type { Service } from '../helpers/peers/service.js';
import { findingText, inspect, whyUnavailable } from '../helpers/running/inspect.js';
import { peerpid, runPeerpid, startPeerpid } from '../helpers/running/run-peerpid.js';
import { waitFor } from '../helpers/wait-for.js';

describe('a process that sleeps in the middle of execve(2)', () => {
  const program = hostileProgram('exec-hang');
  let service: Service;

  beforeEach(async function () {
    service = await program.start(this, program.directory.file('server'));
    await service.logged('FLUSH');
  });

  afterEach(() => service[Symbol.asyncDispose]());

  const pid = (): number => pidOf(service);

  it('is inspected by what does not wait for it', async () => {
    const document = await inspect(program.directory.file('server'));
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.byPidfd?.pid, pid());
    assert.deepEqual(document.byPidfd.uids?.effective, document.credential?.uid);
    assert.match(findingText(document, 'unreadable'), /^It sleeps in the middle of execve\(2\)/);
    assert.match(whyUnavailable(document, 'byPidfd.exe') ?? '', /^given up: the process sleeps/);
  });

  it('gives no duplicate of its descriptors, and is not waited for', async () => {
    const { status, stdout } = await runPeerpid(['inspect', '--json', `/proc/${pid()}/fd/0`]);
    assert.equal(status, 1);
    assert.match(stdout, /"code":"ETIMEDOUT"/);
  });

  it('does not keep a scan from its end, which says what it did not see', async () => {
    const { stdout } = await runPeerpid(['scan', '--json']);
    const { notSeen } = JSON.parse(stdout) as ScanDocument;
    assert.ok(notSeen.processes.some((one) => one.pid === pid() && one.comm === 'exec-hang'));
    assert.ok(
      notSeen.reasons.some(({ fact, reason }) => fact === 'holders' && reason.includes('in the middle of execve(2)')),
    );
  }).timeout(60_000);

  for (const args of [
    ['inspect', 'server'],
    ['scan', '--summary', 'only'],
  ]) {
    it(`has ${args[0] ?? ''} start over, and give back a pipe that waits as it was`, () => {
      const flags = 'import fcntl, os; print(fcntl.fcntl(1, fcntl.F_GETFL) & os.O_NONBLOCK)';
      const command = '{ "$@"; python3 -c "$0"; } | tail -n 1';
      const shell = ['-c', command, flags, process.execPath, peerpid, ...args];
      assert.equal(execFileSync('sh', shell, { encoding: 'utf8', cwd: program.directory.path }), '0\n');
    }).timeout(60_000);
  }

  it('does not keep doctor from its end', async () => {
    const { status, stderr } = await runPeerpid(['doctor', '--json']);
    assert.ok(status === 0 || status === 4, stderr);
  });
});

// In the same file, since those of the one would be seen by the other's scans
/** More than there are threads for questions without an answer. */
const number = 60;

describe('processes that begin to sleep in the middle of execve(2) while they are looked at', () => {
  const program = hostileProgram('exec-herd');

  /** @param every - microseconds between two that begin */
  const herd = (context: Mocha.Context, every: number): Promise<Service> =>
    program.start(context, `${number}`, `${every}`);
  const sleeping = (service: Service): number => service.log.split('is never answered').length - 1;

  // From before it looks until after: at least one begins between the first look at it and the last
  it('do not hold up a scan, which tells of them', async function () {
    for (const every of [1000, 20_000]) {
      await using service = await herd(this, every);
      process.kill(pidOf(service), 'SIGUSR1');
      await waitFor('the first sleeps', () => sleeping(service) > 0);
      const { stdout, stderr } = await runPeerpid(['scan', '--json']);
      const { notSeen, sockets } = JSON.parse(stdout) as ScanDocument;
      assert.ok(
        notSeen.processes.some(({ comm }) => comm === 'exec-herd'),
        stderr,
      );
      assert.ok(
        notSeen.reasons.some(({ fact, reason }) => fact === 'holders' && reason.includes('in the middle of execve(2)')),
      );
      assert.ok(sockets.length > 0);
    }
  }).timeout(180_000);

  it('do not hold up an inspection of several, of which each is shown once, nor its steps', async function () {
    await using peer = await Peer.start();
    const names = [freshName(), freshName(), freshName()];
    for (const name of names) await peer.do('listen', name);
    await using service = await herd(this, 1000);
    process.kill(pidOf(service), 'SIGUSR1');
    await waitFor('the first sleeps', () => sleeping(service) > 0);
    const { status, stdout, stderr } = await runPeerpid(['inspect', '--explain', ...names]);
    assert.equal(status, 0, stderr);
    for (const name of names) {
      assert.equal(stdout.split(`==> ${name} <==\n`).length, 2, stdout);
      assert.equal(stdout.split(`\n${name}  stream, listening`).length, 2, stdout);
    }
    assert.match(stderr, /^No progress: peerpid starts over, /m);
    assert.match(stderr, /SO_PEERPIDFD/);
  }).timeout(180_000);

  it('do not hold up a scan that goes on', async function () {
    await using service = await herd(this, 1000);
    const child = startPeerpid(['scan', '--watch', '0.1', '--json']);
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (some: string) => (text += some));
    try {
      const events = (): WatchEvent[] =>
        text
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line) as WatchEvent);
      const scans = (): (WatchEvent & { event: 'scan' })[] => events().filter((one) => one.event === 'scan');
      await waitFor('the first scan', () => scans().length > 0, 30_000);
      assert.ok(!scans()[0]?.notSeen.processes.some(({ comm }) => comm === 'exec-herd'));
      process.kill(pidOf(service), 'SIGUSR1');
      await waitFor('it has begun anew', () => scans().length > 1, 60_000);
      assert.ok(
        scans()
          .at(-1)
          ?.notSeen.processes.some(({ comm }) => comm === 'exec-herd'),
      );
      process.kill(child.pid ?? 0, 'SIGTERM');
      await waitFor('it ends', () => child.exitCode !== null || child.signalCode !== null, 30_000);
    } finally {
      child.kill('SIGKILL');
    }
  }).timeout(180_000);

  it('do not keep a scan that goes on from its end, whenever SIGTERM comes', async function () {
    await using service = await herd(this, 1000);
    const child = startPeerpid(['scan', '--watch', '0.1', '--json']);
    child.stdout.resume();
    // In a sleep that only a signal ends which kills, each of so many times
    let times = 0;
    const isKeptWaiting = (): boolean => {
      const sleeps = readFileSync(`/proc/${child.pid ?? 0}/stat`, 'latin1').includes(') D ');
      return (times = sleeps ? times + 1 : 0) > 50;
    };
    try {
      await once(child.stdout, 'data');
      process.kill(pidOf(service), 'SIGUSR1');
      await waitFor('it is kept waiting', isKeptWaiting, 30_000);
      process.kill(child.pid ?? 0, 'SIGTERM');
      await waitFor('it ends', () => child.exitCode !== null || child.signalCode !== null, 30_000);
    } finally {
      child.kill('SIGKILL');
    }
  }).timeout(120_000);
});
