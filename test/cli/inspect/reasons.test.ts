import assert from 'node:assert/strict';

import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { inspect } from '../../helpers/running/inspect.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

describe('inspect as text says why, as its JSON does', () => {
  const directory = new TemporaryDirectory();
  const path = directory.file('socket');
  let server: Peer;

  before(async function () {
    requirePrograms(this, 'unshare', 'mount');
    requireThat(this, isRoot, 'namespaces take root');
    server = await Peer.start();
    await server.do('listen', path);
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  it('of a fact that has no row in the table', async () => {
    const wrapper = [
      'unshare',
      '--mount',
      'sh',
      '-c',
      'mount -t tmpfs none /proc/sys/kernel/random && exec "$@"',
      'sh',
    ];
    const { unavailable } = await inspect(path, { wrapper });
    const reason = 'open /proc/sys/kernel/random/boot_id: no such file or directory (ENOENT)';
    assert.deepEqual(
      unavailable.filter(({ fact }) => fact.endsWith('.bootId')).map((row) => row.reason),
      [reason, reason],
    );
    const { stdout } = await runPeerpid(['inspect', path], { wrapper });
    assert.ok(stdout.includes(`\nnot known     Boot id: ${reason}.\n`), stdout);
  });

  it('of which facts each reason is, where there are several', async () => {
    const wrapper = ['unshare', '--pid', '--fork', '--mount-proc'];
    const { unavailable } = await inspect(path, { wrapper });
    const reasons = new Set(unavailable.filter(({ fact }) => fact.startsWith('byPidfd.')).map(({ reason }) => reason));
    const { stdout } = await runPeerpid(['inspect', path], { wrapper });
    const told = /^not known +(.*)\.$/m.exec(stdout)?.[1]?.split('; ') ?? [];
    assert.equal(told.length, reasons.size, stdout);
    assert.match(told[0] ?? '', /^By pidfd: it has no PID in this PID namespace/);
    for (const one of told.slice(1)) {
      assert.match(
        one,
        /^cgroup, slice, unit, user unit, container by pidfd: ioctl\(PIDFD_GET_INFO\): [a-z ]+.* \(E[A-Z]+\)$/i,
      );
    }
  });
});
