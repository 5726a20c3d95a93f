import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';

import { requireThat } from '../../helpers/machine/requirements.js';
import { runInjected, whyNoStrace } from '../../helpers/machine/strace.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Connected } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';

/** Of every thread: what may wait is read by one that is given up then. */
async function opens(args: readonly string[]): Promise<readonly string[]> {
  const { status, stderr, trace } = await runInjected(args, ['open', 'openat', 'readlink', 'readlinkat'], []);
  assert.ok(status === 0 || status === 3, `${String(status)} ${stderr}`);
  return trace.split('\n');
}

/** Which files of /proc a run of peerpid opens of a process. */
async function readOf(process: number, args: readonly string[]): Promise<ReadonlySet<string>> {
  const calls = await opens(args);
  // A link of it may be read by a descriptor of its directory
  const file = new RegExp(`"/proc/${process}/(\\w+)|readlinkat\\(\\d+, "(\\w+)`);
  return new Set(
    calls.flatMap((call) => {
      const [, byPath, byDirectory] = file.exec(call) ?? [];
      return byPath ?? byDirectory ?? [];
    }),
  );
}

/** The first is of the process's own memory: who holds its mmap_lock makes the reader wait for as long as it likes. */
const details = ['cmdline', 'cwd', 'loginuid'] as const;

describe('what is read of a process', () => {
  let both: Connected;

  before(async function () {
    const why = whyNoStrace();
    requireThat(this, why === undefined, why ?? '');
    both = await Connected.start();
  });

  after(async () => {
    await both[Symbol.asyncDispose]();
  });

  for (const args of [['scan'], ['scan', '--long'], ['scan', '--csv'], ['scan', '--explain'], ['scan', '--extended']]) {
    it(`${args.join(' ')}: no more than it tells`, async () => {
      // Of other tests' processes more may be read
      const read = await readOf(both.client.ownPid, [...args, '--pid', `${both.client.ownPid}`]);
      assert.ok(read.has('status'), [...read].join());
      assert.deepEqual(
        details.filter((file) => read.has(file)),
        [],
      );
    }).timeout(30_000);
  }

  it('the names of users and groups: where they are shown', async () => {
    const asksForNames = async (...args: string[]): Promise<boolean> =>
      /"\/etc\/(?:nsswitch\.conf|passwd|group)"/.test(
        (await runInjected(['scan', ...args], ['open', 'openat'], [])).trace,
      );
    assert.ok(!(await asksForNames('--prometheus')));
    assert.ok(await asksForNames());
  }).timeout(30_000);

  it('the mounts: once for all sockets of one, whose access control lists are looked at', async () => {
    using directory = new TemporaryDirectory();
    await using server = await Peer.start();
    const sockets = 40;
    for (let number = 0; number < sockets; number++) {
      await server.do('listen', directory.file(`${number}`));
      chmodSync(directory.file(`${number}`), 0o666);
    }
    // The cgroups of ended processes, such as other tests', are looked for by mountinfo, too
    const { trace } = await runInjected(['scan', directory.path], ['openat', 'getxattr'], []);
    const asked = trace.split('\n').filter((call) => /getxattr\(.*posix_acl_access/.test(call)).length;
    const looked = trace.split('\n').filter((call) => call.includes('"/proc/self/mountinfo"')).length;
    assert.ok(asked >= sockets, `${asked}`);
    assert.ok(looked < sockets / 2, `${looked}`);
  }).timeout(30_000);

  for (const command of ['scan --json', 'inspect']) {
    it(`${command}: the command line too`, async () => {
      const args = command === 'inspect' ? ['inspect', both.accepted] : command.split(' ');
      const read = await readOf(both.client.ownPid, args);
      assert.deepEqual(
        details.filter((file) => read.has(file)),
        details,
      );
    }).timeout(30_000);
  }
});
