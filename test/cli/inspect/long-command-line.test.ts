import assert from 'node:assert/strict';

import { asUser } from '../../helpers/assert-problem.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { freshName } from '../../helpers/peers/connected.js';
import { listenWithCommandLine } from '../../helpers/peers/long-command-line.js';
import { inspect } from '../../helpers/running/inspect.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

const most = 64 * 1024;

describe('inspect of a process with a long command line', () => {
  for (const megabytes of [1, 16]) {
    it(`reads its first 64 KiB, and tells how much there is: ${megabytes} MiB`, async function () {
      requirePrograms(this, 'python3');
      const name = freshName();
      const bytes = megabytes * 1024 * 1024;
      await using _python = await listenWithCommandLine(name, bytes, 'abcdefg');
      const { byPid, byPidfd } = await inspect(['--no-connect', name]);
      assert.equal(byPid?.cmdlineBytes, bytes);
      assert.deepEqual(byPid.cmdline, Array(most / 8).fill('abcdefg'));
      assert.deepEqual(byPidfd, byPid);
      const { stdout } = await runPeerpid(['inspect', '--no-connect', name]);
      assert.match(stdout, new RegExp(`^its length +${bytes} bytes, the first 65536 were read$`, 'm'));
    });
  }

  it('cuts the last argument where it must', async function () {
    requirePrograms(this, 'python3');
    const name = freshName();
    await using _python = await listenWithCommandLine(name, 2 * most, 'abcdef');
    const { byPid } = await inspect(['--no-connect', name]);
    assert.equal(byPid?.cmdline?.at(-1), 'ab');
    assert.equal(byPid.cmdlineBytes, 2 * most);
  });

  it('reads one of just 64 KiB whole, as a million empty arguments are not', async function () {
    requirePrograms(this, 'python3');
    const [whole, cut] = [freshName(), freshName()];
    await using _whole = await listenWithCommandLine(whole, most, 'abcdefg');
    await using _cut = await listenWithCommandLine(cut, 1024 * 1024, '');
    const { byPid } = await inspect(['--no-connect', whole]);
    assert.equal(byPid?.cmdlineBytes, undefined);
    assert.equal(byPid?.cmdline?.length, most / 8);
    const { stdout } = await runPeerpid(['inspect', '--no-connect', whole]);
    assert.doesNotMatch(stdout, /^its length/m);
    assert.equal((await inspect(['--no-connect', cut])).byPid?.cmdline?.length, most);
  });

  it('does not say how long it is where the kernel does not', async function () {
    requirePrograms(this, 'python3', 'setpriv');
    requireThat(this, isRoot, 'another user takes root');
    const name = freshName();
    await using _python = await listenWithCommandLine(name, 1024 * 1024, 'abcdefg');
    const nobody = asUser(65534, 65534);
    const { byPid } = await inspect(name, nobody);
    assert.equal(byPid?.cmdlineBytes, null);
    const { stdout } = await runPeerpid(['inspect', name], nobody);
    assert.match(stdout, /^its length +more than 65536 bytes, the first 65536 were read$/m);
  });
});
