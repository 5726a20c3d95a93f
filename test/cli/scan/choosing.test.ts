import assert from 'node:assert/strict';

import type { ScanDocument } from '../../../src/document/scan-document.js';
import { assertProblem } from '../../helpers/assert-problem.js';
import { requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { ScanScene } from '../../helpers/peers/scan-scene.js';
import { type Outcome, runPeerpid } from '../../helpers/running/run-peerpid.js';
import { runInTerminal } from '../../helpers/running/terminal.js';

describe('peerpid scan, choosing', () => {
  let scene: ScanScene;
  const run = (...args: string[]): Promise<Outcome> => runPeerpid(['scan', ...args], { wrapper: scene.room.enter });
  /** The lines of the table alone. */
  const lines = async (...args: string[]): Promise<string[]> => {
    const { stdout, stderr } = await run('--connections', '--no-header', '--summary', 'none', ...args);
    assert.equal(stderr, '');
    return stdout.split('\n').filter((line) => line !== '');
  };

  before(async function () {
    requireNetworkNamespaces(this);
    scene = await ScanScene.make();
  });

  after(async () => {
    await (scene as ScanScene | undefined)?.[Symbol.asyncDispose]();
  });

  it('is a check: its exit status is of what was chosen', async () => {
    assert.equal((await run('--socket', '@app')).status, 3);
    assert.equal((await run('--socket', '@app', '--verdict', '!exited')).status, 0);
  });

  it('is 1 where there is nothing of what was named, and says so', async () => {
    for (const args of [
      ['--socket', '@nothing'],
      ['--socket', '@nothing', '--type', 'stream'],
      ['--pid', '2147483647'],
      ['--user', '!0'],
      ['no-such-word'],
      ['--socket', '@app', 'no-such-word'],
    ]) {
      const { status, stdout, stderr } = await run('--no-header', '--summary', 'none', ...args);
      assert.deepEqual([status, stdout.trim()], [1, ''], args.join(' '));
      const named = args.join(' ').replace(' --type stream', '');
      assert.equal(
        stderr,
        `peerpid: nothing matches ${named}\n  hint: Is it running, and is that its name? If it may be absent, --allow-empty makes the exit status 0.\n`,
      );
      const { status: allowed, stderr: silent } = await run('--allow-empty', ...args);
      assert.deepEqual([allowed, silent], [0, ''], args.join(' '));
    }
  });

  it('is 0 where what was named is there, and nothing of it meets the other criteria', async () => {
    for (const other of [
      ['--verdict', 'foreign'],
      ['--finding', 'open-to-all'],
      ['--type', 'dgram'],
      ['--asks', 'sec'],
    ]) {
      const { status, stderr } = await run('--socket', '@app', ...other);
      assert.deepEqual([status, stderr], [0, ''], other.join(' '));
    }
    assert.equal((await run('--verdict', 'foreign')).status, 0);
  });

  it('says in JSON that there is nothing, and prints what there is in every other format', async () => {
    const { status, stdout, stderr } = await run('--json', '--socket', '@nothing');
    const { sockets, nothingChosen } = JSON.parse(stdout) as ScanDocument;
    assert.deepEqual([status, sockets, nothingChosen?.code, stderr], [1, [], 'NOTHING_CHOSEN', '']);
    const allowed = JSON.parse((await run('--json', '--allow-empty', '--socket', '@nothing')).stdout) as ScanDocument;
    assert.deepEqual([allowed.sockets, allowed.nothingChosen], [[], undefined]);
    const metrics = await run('--prometheus', '--socket', '@nothing');
    assert.equal(metrics.status, 1);
    assert.match(metrics.stdout, /^peerpid_connections\{verdict="pinned"\} 0$/m);
  });

  it('by a word, in the address of either end', async () => {
    const { client } = scene;
    assert.deepEqual(await lines('OF-CLIENT', '--columns', 'address,client-pid'), [`@app  ${client.ownPid}`]);
  });

  it('by pid, type, listening and finding', async () => {
    const { client, server, deleted, log } = scene;
    assert.equal((await lines('--pid', `${client.ownPid}`)).length, 4);
    assert.equal((await lines('--pid', `!${client.ownPid},${server.ownPid}`, '--allow-empty')).length, 0);
    assert.deepEqual(await lines('--type', 'dgram', '--connected', '--columns', 'address,kind'), [`${log}  sender`]);
    assert.deepEqual(await lines('--listening', '--columns', 'address', '--sort', '-address'), ['@app', log, deleted]);
    assert.deepEqual(await lines('--finding', 'file-deleted', '--columns', 'address'), [deleted]);
  });

  it('by user, who is looked up for the processes at both ends', async () => {
    assert.equal((await lines('--user', 'root')).length, (await lines()).length);
    assert.equal((await lines('--user', '!0', '--allow-empty')).length, 0);
    assert.deepEqual(await lines('--listening', '--columns', 'service-user', '--type', 'seqpacket'), ['root']);
  });

  it('has both ends in JSON, and each process of theirs in full', async () => {
    const { stdout } = await run('--json', '--verdict', 'exited');
    const { sockets, processes, summary } = JSON.parse(stdout) as ScanDocument;
    assert.deepEqual(summary.verdicts, { exited: 1 });
    assert.deepEqual(
      sockets.map(({ credential }) => credential?.pid),
      [scene.ended],
    );
    // In any order. The one that has ended has no number, and those of other connections are not theirs
    assert.equal(processes.length, 2);
    assert.deepEqual(new Set(processes.map(({ pid }) => pid)), new Set([scene.server.ownPid, undefined]));
  });

  it('counts alone, or none', async () => {
    const { stdout } = await run('--summary', 'only', '--verdict', 'exited');
    assert.match(stdout, /^1 socket: 1 connection, 0 listeners, 0 datagram receivers\ncredentials: exited 1\n/);
    assert.doesNotMatch((await run('--summary', 'none')).stdout, /credentials:/);
  });

  it('sorts by number where a column is of numbers, and backwards', async () => {
    const inodes = (await lines('--columns', 'service-inode', '--sort', '-service-inode')).map(Number);
    assert.deepEqual(
      inodes,
      [...inodes].sort((a, b) => b - a),
    );
    assert.ok(inodes.length > 5);
  });

  it('as comma-separated values, with quotes where they are needed', async () => {
    const { stdout } = await run('--csv', '--columns', 'verdict,remarks,address', '--sort', 'verdict');
    const [heading, first] = stdout.split('\n');
    assert.equal(heading, 'verdict,remarks,address');
    assert.equal(first, `exited,"client: PID ${scene.ended}, status 7",@app`);
    assert.equal((await run('--csv', '--no-header', '--columns', 'type', '--type', 'seqpacket')).stdout, 'seqpacket\n');
  });

  it('as fields that end with NUL, as many for each connection as there are columns', async () => {
    const { stdout } = await run('--nul', '--columns', 'address,service-pid', '--listening', '--sort', 'address');
    const pid = String(scene.server.ownPid);
    assert.deepEqual(stdout.split('\0'), [scene.deleted, pid, scene.log, pid, '@app', pid, '']);
  });

  it('--columns + adds, --extended has all that help explains', async () => {
    const { stdout: added } = await run('--columns', '+service-unit');
    assert.match(added, /^VERDICT .* REMARKS +SERVICE-UNIT\n/);
    const { stdout: help } = await run('--columns', 'help');
    const names = [...help.matchAll(/^[* ] ([a-z-]+) {2,}\S/gm)].map(([, name = '']) => name.toUpperCase());
    assert.ok(names.length > 15);
    const { stdout: extended } = await run('--extended');
    assert.deepEqual(extended.split('\n')[0]?.split(/ +/), names);
  });

  it('--long is of what was chosen too', async () => {
    const { stdout } = await run('--long', '--verdict', 'exited');
    assert.match(stdout, /^EXITED /);
    assert.doesNotMatch(stdout, /PINNED/);
  });

  it('is not cut in a terminal with --no-truncate', async function () {
    requirePrograms(this, 'tmux');
    const cut = await runInTerminal(60, ['scan', '--connections', '--listening'], scene.room.enter);
    assert.ok(cut.lines.join('\n').includes('…'));
    const whole = await runInTerminal(60, ['scan', '--connections', '--listening', '--no-truncate'], scene.room.enter);
    assert.ok(whole.lines.join('\n').includes(`${scene.deleted}  `) && !whole.lines.join('\n').includes('…'));
  });

  for (const [args, message, hint] of [
    [['--verdict', 'pined'], /--verdict does not know pined/, /Possible values: .*pinned/],
    [['--columns', 'address,foo'], /--columns does not know foo/, /--columns help/],
    [['--sort', '-foo'], /--sort does not know foo/, /Possible values: verdict/],
    [['--pid', 'x'], /--pid x is not a number/, /pgrep/],
    [['--user', 'root,no-such-user'], /^there is no user no-such-user$/, /getent passwd/],
    [['--no-audit', '--verdict', '!pinned'], /^--no-audit and --verdict exclude each other$/, /omit --no-audit/],
    [['--no-audit', '--finding', 'zombie'], /^--no-audit and --finding exclude/, /no findings/],
    [['--no-audit', '--asks', '!pidfd'], /^--no-audit and --asks exclude/, /nothing is known of what services ask for/],
    [['--output', ''], /^FILE is empty$/, /--output/],
    [['--sort', 'type,'], /^--sort has an empty value$/, /Possible values: verdict/],
    [['--comm', ''], /--comm has an empty value/, /commas/],
    [['--extended', '--columns', 'type'], /--columns.*--extended|--extended.*--columns/, /--help/],
    [['--summary', 'some'], /--summary/, /--help/],
  ] as const) {
    it(`${args.join(' ')} is wrong usage`, async () => {
      await assertProblem(['scan', ...args], { status: 2, message, hint });
    });
  }
});
