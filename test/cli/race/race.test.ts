import assert from 'node:assert/strict';

import { assertProblem } from '../../helpers/assert-problem.js';
import { requireKernel, verdictOf } from '../../helpers/machine/kernel-gives.js';
import { requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { countsOf, mayRace, race } from '../../helpers/running/race.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { runInTerminal } from '../../helpers/running/terminal.js';

describe('peerpid race', () => {
  before(function () {
    requirePrograms(this, 'unshare');
    requireThat(this, mayRace(), 'PID namespaces may not be made here');
  });

  it('never believes the impostor, whatever the kernel gives', async () => {
    const { document, outcome } = await race(['--rounds', '20']);
    const { verdict, basis } = await verdictOf('peer', 'recycled');
    assert.deepEqual(document.verdicts, { [verdict]: 20 });
    assert.equal(document.exchange.inspection.basis, basis);
    assert.equal(document.exchange.inspection.byPid?.comm, 'impostor');
    const ofVerdict = countsOf(document, 'verdict');
    assert.deepEqual([ofVerdict.inTime.fooled, ofVerdict.tooLate.fooled], [0, 0]);
    // Where there is no pidfd all is shown but the one thing that helps
    assert.equal(outcome.status, verdict === 'unpinned' ? 4 : 0);
  });

  it('tells step by step what happened, and what the service sees', async function () {
    await requireKernel(this, 'a pidfd of a peer that is reaped');
    const { status, stdout, stderr } = await runPeerpid(['race']);
    assert.deepEqual([status, stderr], [0, '']);
    const [, pid = '', client = ''] = /1 {2}The client connects\. +PID (\d+), pidfd id (\d+)\n/.exec(stdout) ?? [];
    const impostor = /4 {2}An impostor gets the PID\. +PID (\d+), pidfd id (\d+), by \w+\n/.exec(stdout);
    assert.equal(impostor?.[1], pid);
    assert.notEqual(impostor[2], client);
    assert.match(stdout, new RegExp(`\\n {2}SO_PEERCRED +PID ${pid}, as before\\n`));
    assert.match(stdout, new RegExp(`\\n {2}command of PID ${pid} +impostor\\n`));
    assert.match(stdout, new RegExp(`\\n {2}pidfd_open\\(${pid}\\) +running, pidfd id ${impostor[2]}\\n`));
    assert.match(stdout, new RegExp(`\\n {2}SO_PEERPIDFD +the process has ended, pidfd id ${client}\\n`));
    assert.match(stdout, /\n {2}PID \(SO_PEERCRED\) +yes: fooled +yes: fooled\n/);
    assert.match(stdout, /\n {2}pidfd_open\(2\) after SO_PEERCRED +no +yes: fooled\n/);
    assert.match(stdout, /\n {2}SO_PEERPIDFD +no +no\n {2}verdict of peerpid +no +no\n/);
    assert.match(stdout, new RegExp(`\\nRECYCLED {2}PID ${pid} is another process now`));
    assert.doesNotMatch(stdout, /\x1b/);
  });

  it('says the same in JSON: what inspect says of the socket, and which process is which', async function () {
    await requireKernel(this, 'a pidfd of a peer that is reaped');
    const { document, outcome } = await race([]);
    assert.deepEqual([outcome.status, outcome.stderr], [0, '']);
    const { pid, client, impostor, inspection } = document.exchange;
    assert.deepEqual(document.verdicts, { recycled: 1 });
    assert.equal(inspection.verdict, 'recycled');
    assert.equal(inspection.credential?.pid, pid);
    assert.deepEqual([inspection.byPid?.pid, inspection.byPid?.comm], [pid, 'impostor']);
    assert.notEqual(client.pidfdId, impostor.pidfdId);
    assert.equal(inspection.byPid?.pidfdId, impostor.pidfdId);
    assert.equal(inspection.byPidfd?.pidfdId, client.pidfdId);
    assert.deepEqual(inspection.byPidfd?.exitStatus, { code: 0 });
  });

  it('tells a start time that deceived exactly where the two are equal', async () => {
    for (let times = 0; times < 5; times++) {
      const { document } = await race([]);
      const { client, impostor } = document.exchange;
      const { inTime } = document.methods.find(({ id }) => id === 'start-time') ?? assert.fail();
      assert.equal(inTime.fooled, client.startTicks === impostor.startTicks ? 1 : 0);
    }
  });

  it('counts rounds', async function () {
    await requireKernel(this, 'a pidfd of a peer');
    const { status, stdout, stderr } = await runPeerpid(['race', '-c', '7']);
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^In namespaces of their own, an impostor took a client's PID 7 times\.\n/);
    assert.match(stdout, /\n {2}PID \(SO_PEERCRED\) +7 of 7 +7 of 7\n {2}PID with start time +\d of 7 +7 of 7\n/);
    assert.match(stdout, /\n {2}SO_PEERPIDFD +0 of 7 +0 of 7\n/);
    assert.match(stdout, /\nRECYCLED {2}In 7 of 7 rounds\. In the last, PID \d+ is another process now/);
  });

  it('fits a terminal of 80 columns, in colour', async function () {
    requirePrograms(this, 'tmux');
    await requireKernel(this, 'a pidfd of a peer');
    for (const args of [['race'], ['race', '--rounds', '150']]) {
      const { lines, painted } = await runInTerminal(80, args);
      assert.ok(lines.length > 10 && lines.every((line) => line.length <= 80), lines.join('\n'));
      assert.ok(lines.some((line) => line.startsWith('RECYCLED  ')));
      assert.match(painted, /\x1b\[[\d;]*31m/);
      assert.doesNotMatch(lines.join('\n'), /rounds\r|█/);
    }
  }).timeout(60_000);

  it('shows with --explain how peerpid came to its verdict', async function () {
    await requireKernel(this, 'a pidfd of a peer that is reaped');
    const { status, stdout, stderr } = await runPeerpid(['race', '--explain']);
    const pid = /The client connects\. +PID (\d+),/.exec(stdout)?.[1];
    assert.equal(status, 0);
    assert.match(stderr, new RegExp(`SO_PEERCRED\\) = pid ${pid}, uid 0, gid 0\\n`));
    assert.match(stderr, /the pinned process has ended, and its PID is free for others/);
    const { document } = await race(['--explain']);
    assert.ok((document.exchange.inspection.evidence ?? []).length > 3);
  });

  for (const typed of ['0', '-1', '1.5', 'many', '1000001']) {
    it(`refuses --rounds ${typed}`, async () => {
      await assertProblem(['race', `--rounds=${typed}`], {
        status: 2,
        message: /rounds|integer/i,
        hint: /race --help/,
      });
    });
  }
});
