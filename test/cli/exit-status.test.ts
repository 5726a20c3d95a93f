import assert from 'node:assert/strict';

import { assertProblem } from '../helpers/assert-problem.js';
import { kernelGives } from '../helpers/machine/kernel-gives.js';
import { isRoot, requirePrograms, requireThat } from '../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { Peer } from '../helpers/peers/peer.js';
import { prepareEach } from '../helpers/prepare-each.js';
import { Listening } from '../helpers/running/listening.js';
import { runPeerpid } from '../helpers/running/run-peerpid.js';

describe('exit status', () => {
  let directory: TemporaryDirectory;
  let path: string;

  prepareEach((keep) => {
    directory = keep(new TemporaryDirectory());
    path = directory.file('socket');
  });

  it('is 0 for what is believed and 3 for what is not, with --json too', async () => {
    await using peer = await Peer.start();
    await peer.do('listen', path);
    await peer.do('listen', directory.file('dgram'), 'dgram');
    const believed = await kernelGives('a pidfd of a peer');
    for (const json of [[], ['--json']]) {
      assert.equal((await runPeerpid(['inspect', ...json, path])).status, believed ? 0 : 3);
      assert.equal((await runPeerpid(['inspect', ...json, directory.file('dgram')])).status, 3);
    }
  });

  it('is 3 when listen showed somebody who is not to be believed', async function () {
    requirePrograms(this, 'unshare');
    requireThat(this, isRoot, 'needs root, for a PID namespace');
    // Seen from a namespace below, the client has no pid
    const wrapper = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
    await using listening = await Listening.start(['--once', path], { wrapper });
    await using client = await Peer.start();
    const fd = await client.number('connect', path);
    assert.equal((await listening.next('connection')).verdict, 'foreign');
    await client.do('close', fd);
    assert.deepEqual((await listening.next('summary')).verdicts, { foreign: 1 });
    assert.equal(await listening.exitStatus, 3);
  });

  for (const [property, value, words] of [
    ['arch', 'mips', /x64 and arm64, and this is mips/],
    ['platform', 'darwin', /this is darwin/],
  ] as const) {
    it(`is 4 where peerpid cannot work: ${value}; --help works`, async () => {
      const redefine = `Object.defineProperty(process,'${property}',{value:'${value}'})`;
      const env = { NODE_OPTIONS: `--import data:text/javascript,${redefine}` };
      const expected = { status: 4, message: words, hint: /another machine/ };
      await assertProblem(['inspect', path], expected, { env });
      await assertProblem(['listen', path], expected, { env });
      for (const args of [['--help'], ['inspect', '--help'], ['listen', '--help'], ['--version']]) {
        const { status, stdout, stderr } = await runPeerpid(args, { env });
        assert.deepEqual([status, stderr], [0, '']);
        assert.match(stdout, /peerpid/);
      }
    });
  }

  it('is 0 or 3 without /proc: what cannot be read is said to be missing', async function () {
    requirePrograms(this, 'unshare', 'mount');
    requireThat(this, isRoot, 'needs root, to hide /proc');
    await using peer = await Peer.start();
    await peer.do('listen', path);
    const wrapper = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh'];
    const inspected = await runPeerpid(['inspect', path], { wrapper });
    const believed = await kernelGives('a pidfd of a peer');
    assert.equal(inspected.status, believed ? 0 : 3, inspected.stderr);
    assert.match(
      inspected.stdout,
      believed ? /^not known +By PID and by pidfd: there is no \/proc/m : /there is no \/proc/m,
    );
    const listened = await runPeerpid(['listen', '--timeout', '0.1', directory.file('other')], { wrapper });
    assert.equal(listened.status, 0, listened.stderr);
  });

  it('is 0 when standard output is closed', async () => {
    await using peer = await Peer.start();
    await peer.do('listen', path);
    const wrapper = ['sh', '-c', 'exec "$@" >&-', 'sh'];
    const { status, stderr } = await runPeerpid(['inspect', path], { wrapper });
    assert.deepEqual([status, stderr], [(await kernelGives('a pidfd of a peer')) ? 0 : 3, '']);
  });
});
