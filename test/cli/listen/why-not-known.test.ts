import assert from 'node:assert/strict';
import { chmodSync, existsSync } from 'node:fs';

import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { waitFor } from '../../helpers/wait-for.js';

describe('listen as text says why something is not known', () => {
  let directory: TemporaryDirectory;
  let path: string;
  let client: Peer;

  before(function () {
    requirePrograms(this, 'unshare', 'mount', 'setpriv');
    requireThat(this, isRoot, 'namespaces take root');
  });

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    path = directory.file('socket');
    client = keep(await Peer.start());
  });

  it('that holders were not looked for', async () => {
    const heard = runPeerpid(['listen', '--once', path]);
    await waitFor('it listens', () => existsSync(path));
    // The file is there before it listens
    let sent = await runPeerpid(['send', path, 'hello']);
    while (sent.status !== 0) sent = await runPeerpid(['send', path, 'hello']);
    assert.match((await heard).stdout, /^holders +Not looked for\.$/m);
  });

  it('which command a message is of, where /proc hides it', async () => {
    const hidden = ['unshare', '--mount', 'sh', '-c', 'mount -t proc -o hidepid=2 proc /proc && exec "$@"', 'sh'];
    const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
    chmodSync(directory.path, 0o777);
    const args = ['listen', '--count', '1', '--type', 'dgram', '--mode', '0666', path];
    const heard = runPeerpid(args, { wrapper: [...hidden, ...nobody] });
    await waitFor('it listens', () => existsSync(path));
    await client.do('sendmsg', await client.number('connect', path, 'dgram'), 'hello');
    const { stdout } = await heard;
    assert.match(stdout, /not known: command, .*: this \/proc hides the process \(its mount option hidepid\)$/m);
  });
});
