import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';

import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { findingText, inspect } from '../../helpers/running/inspect.js';
import { Listening } from '../../helpers/running/listening.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

describe('a peer in another user namespace', () => {
  let directory: TemporaryDirectory;
  let server: Peer;

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    server = keep(await Peer.start());
  });

  /** Connects, and returns the accepted end as SOCKET. */
  async function connected(client: Peer): Promise<string> {
    const path = directory.file('socket');
    const listener = await server.number('listen', path);
    chmodSync(path, 0o777);
    await client.do('connect', path);
    return `/proc/${server.pid}/fd/${await server.number('accept', listener)}`;
  }

  const unshare = ['unshare', '--user', '--map-root-user'];

  it('that is root in there: ids and capabilities are told as of there', async function () {
    requirePrograms(this, 'unshare');
    await using client = await Peer.start({ wrapper: unshare });
    const accepted = await connected(client);
    const document = await inspect(accepted);
    const uid = process.geteuid?.();
    assert.equal(document.byPidfd?.uids?.effective, uid);
    assert.deepEqual(document.byPidfd?.inUserNamespace, { uid: 0, gid: 0 });
    assert.match(
      findingText(document, 'other-namespaces'),
      / In its user namespace it has uid 0, gid 0, and its capabilities belong to that namespace\.$/,
    );
    const { stdout } = await runPeerpid(['inspect', accepted]);
    assert.match(stdout, /^inside +uid 0, gid 0, in its own user namespace$/m);
    assert.match(stdout, /^capabilities +all, in its own user namespace$/m);
    const { stdout: long } = await runPeerpid(['scan', '--long', '--connected', '--socket', directory.file('socket')]);
    assert.match(long, /In its user namespace it has uid 0, gid 0, and its\s+capabilities\s+belong to that namespace/);
  });

  it('of sub-ids: uid 100000 is 0 in there, and what is not mapped is told as that', async function () {
    requirePrograms(this, 'unshare');
    requireThat(this, isRoot, 'sub-ids take root, or newuidmap(1)');
    await using client = await Peer.start({ wrapper: ['unshare', '--user', '--keep-caps'] });
    const accepted = await connected(client);
    const unmapped = await inspect(accepted);
    assert.deepEqual(unmapped.byPidfd?.inUserNamespace, { uid: null, gid: null });
    writeFileSync(`/proc/${client.pid}/uid_map`, '0 100000 65536');
    await client.do('setuid', 0);
    const document = await inspect(accepted);
    assert.deepEqual(document.byPidfd?.uids?.effective, 100_000);
    assert.deepEqual(document.byPidfd.inUserNamespace, { uid: 0, gid: null });
  });

  it('of which the namespace may not be seen is told by its map', async function () {
    requirePrograms(this, 'unshare', 'setpriv');
    requireThat(this, isRoot, 'other users take root');
    await using client = await Peer.start({ wrapper: unshare });
    const name = freshName();
    await using listening = await Listening.start([name], {
      wrapper: ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'],
    });
    await client.do('connect', name);
    const { byPidfd } = await listening.next('connection');
    assert.deepEqual([byPidfd?.namespaces, byPidfd?.inUserNamespace], [undefined, { uid: 0, gid: 0 }]);
  });

  it('is none where the user namespace is ours', async () => {
    await using client = await Peer.start();
    const accepted = await connected(client);
    assert.equal((await inspect(accepted)).byPidfd?.inUserNamespace, null);
    assert.doesNotMatch((await runPeerpid(['inspect', accepted])).stdout, /^inside|own user namespace/m);
  });
});
