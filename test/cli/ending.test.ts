import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

import { requirePrograms, requireThat } from '../helpers/machine/requirements.js';
import { runInjected, whyNoStrace } from '../helpers/machine/strace.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { Peer } from '../helpers/peers/peer.js';
import { prepareEach } from '../helpers/prepare-each.js';
import { peerpid } from '../helpers/running/run-peerpid.js';

describe('the end of the program', () => {
  let directory: TemporaryDirectory;
  let peer: Peer;
  let path: string;

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    peer = keep(await Peer.start());
    path = directory.file('socket');
    await peer.do('listen', path);
  });

  for (const [args, status, output] of [
    [['inspect'], 0, /PINNED/],
    [['inspect', '--json'], 0, /^\{"socket".*\}\n$/],
    [['scan', '--socket'], 0, /socket/],
    [['inspect', '--no-such-flag'], 2, /^$/],
    [['listen', '--timeout', '0.1'], 1, /^$/],
    [['scan', '--watch', '--help'], 0, /USAGE/],
  ] as const) {
    it(`waits for no disk, which may fail, and loses nothing: ${args.join(' ')}`, async function () {
      const reason = whyNoStrace();
      requireThat(this, reason === undefined, reason ?? '');
      // koffi waits for ever when it is refused
      const outcome = await runInjected([...args, path], ['fsync'], ['fsync:error=EIO']);
      assert.equal(outcome.status, status, outcome.stderr);
      assert.match(outcome.stdout, output);
      assert.deepEqual(outcome.calls, []);
    });
  }

  it('gives what it wrote to back as it was: a pipe that waits', function () {
    requirePrograms(this, 'python3');
    const flags = 'import fcntl, os; print(fcntl.fcntl(1, fcntl.F_GETFL) & os.O_NONBLOCK)';
    const command = '{ "$@" && python3 -c "$0"; } | cat';
    const args = ['-c', command, flags, process.execPath, peerpid, 'inspect', path];
    assert.match(execFileSync('sh', args, { encoding: 'utf8' }), /\n0\n$/);
  });
});
