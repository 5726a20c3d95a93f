import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';

import type { ScanDocument } from '../../src/document/scan-document.js';
import type { WatchEvent } from '../../src/document/watch-event.js';
import { compiled, startWithFuse } from '../helpers/hostile/hostile.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { freshName } from '../helpers/peers/connected.js';
import { Peer } from '../helpers/peers/peer.js';
import type { Service } from '../helpers/peers/service.js';
import { runPeerpid, startPeerpid } from '../helpers/running/run-peerpid.js';
import { waitFor } from '../helpers/wait-for.js';

/** More than there are threads for questions without an answer. */
const number = 60;

describe('processes that begin to sleep in the middle of execve(2) while they are looked at', () => {
  let directory: TemporaryDirectory;
  let program: string;

  before(function () {
    directory = new TemporaryDirectory();
    chmodSync(directory.path, 0o777);
    program = compiled(this, directory, 'exec-herd');
  });

  after(() => {
    directory[Symbol.dispose]();
  });

  /** @param every - microseconds between two that begin */
  const herd = (context: Mocha.Context, every: number): Promise<Service> =>
    startWithFuse(context, directory, program, `${number}`, `${every}`);
  const pid = (service: Service): number => Number(/ready (\d+)/.exec(service.log)?.[1]);
  const sleeping = (service: Service): number => service.log.split('is never answered').length - 1;

  // From before it looks until after: at least one begins between the first look at it and the last
  it('do not hold up a scan, which tells of them', async function () {
    for (const every of [1000, 5000, 20_000]) {
      await using service = await herd(this, every);
      process.kill(pid(service), 'SIGUSR1');
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
    process.kill(pid(service), 'SIGUSR1');
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
      process.kill(pid(service), 'SIGUSR1');
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
});
