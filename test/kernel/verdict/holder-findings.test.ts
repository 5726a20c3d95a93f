import assert from 'node:assert/strict';

import { processStat } from '../../../native-probe/proc/process.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Connected, freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { findingIds, findingText, inspect } from '../../helpers/running/inspect.js';
import { waitFor } from '../../helpers/wait-for.js';

describe('findings about holders', () => {
  it('shared-socket: the process of record and others have it open', async () => {
    const name = freshName();
    await using server = await Peer.start();
    const listener = await server.number('listen', name);
    const heir = await server.number('spawn', ['sleep', '60'], listener);
    const document = await inspect(name);
    assert.equal(document.verdict, 'pinned');
    assert.deepEqual(new Set(document.holders?.map(({ pid }) => pid)), new Set([server.pid, heir]));
    assert.deepEqual(document.holders?.find(({ pid }) => pid === heir)?.fds, [3]);
    assert.deepEqual(findingIds(document), ['shared-socket']);
    assert.equal(findingText(document, 'shared-socket'), 'Another process has the same socket open.');
  });

  it('holder-differs: the listener gave its socket to another, and lives on', async () => {
    const name = freshName();
    await using server = await Peer.start();
    const listener = await server.number('listen', name);
    const heir = await server.number('spawn', ['sleep', '60'], listener);
    await server.do('close', listener);
    const document = await inspect(name);
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.byPidfd?.pid, server.pid);
    assert.deepEqual(
      document.holders?.map(({ pid }) => pid),
      [heir],
    );
    assert.deepEqual(findingIds(document), ['holder-differs']);
    assert.match(findingText(document, 'holder-differs'), /called listen\(2\) does not .* open, and another does/);
  });

  it('holder-differs: a client gave its end to another', async () => {
    await using both = await Connected.start();
    const heir = await both.client.number('spawn', ['sleep', '60'], both.clientFd);
    await both.client.do('close', both.clientFd);
    const document = await inspect(both.accepted);
    assert.equal(document.byPidfd?.pid, both.client.pid);
    assert.deepEqual(
      document.holders?.map(({ pid }) => pid),
      [heir],
    );
    assert.deepEqual(findingIds(document), ['holder-differs']);
    assert.match(findingText(document, 'holder-differs'), /called connect\(2\) does not/);
  });

  it('none when the heir calls listen(2) itself: the credential is its own then', async () => {
    const name = freshName();
    await using server = await Peer.start();
    const listener = await server.number('listen', name);
    const program = 'require("node:net").createServer().listen({fd: 3})';
    const heir = await server.number('spawn', [process.execPath, '-e', program], listener);
    await server.do('close', listener);
    let document = await inspect(name);
    for (let tries = 0; tries < 40 && document.credential?.pid !== heir; tries++) document = await inspect(name);
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.byPidfd?.pid, heir);
    assert.deepEqual(findingIds(document), []);
  });

  it('shared-socket, with a doubt: whether the process of record has it open may not be seen', async function () {
    requireThat(this, isRoot, 'two users take root');
    requirePrograms(this, 'setpriv');
    const user = ['setpriv', '--reuid', '1000', '--regid', '1000', '--clear-groups'];
    const name = freshName();
    await using server = await Peer.start();
    const listener = await server.number('listen', name);
    const heir = await server.number('spawn', [...user, 'sleep', '60'], listener);
    await server.do('close', listener);
    await waitFor('it is sleep', () => processStat(heir).comm.toString() === 'sleep');
    const seen = await inspect(name);
    assert.deepEqual(findingIds(seen), ['holder-differs']);
    const document = await inspect(name, { wrapper: user });
    assert.equal(document.verdict, 'pinned');
    assert.deepEqual(
      document.holders?.map(({ pid }) => pid),
      [heir],
    );
    assert.deepEqual(findingIds(document), ['shared-socket']);
    assert.match(
      findingText(document, 'shared-socket'),
      /We may not see whether the process that called listen\(2\) has it, too/,
    );
  });
});
