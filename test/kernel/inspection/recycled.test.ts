import assert from 'node:assert/strict';

import { processStat } from '../../../native-probe/proc/process.js';
import { requireKernel } from '../../helpers/machine/kernel-gives.js';
import { childrenOf, PidNamespace, requirePidNamespaces } from '../../helpers/machine/pid-namespace.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { endedClient, recycledClient } from '../../helpers/peers/recycling.js';
import { findingIds, findingText, inspect } from '../../helpers/running/inspect.js';
import { Listening } from '../../helpers/running/listening.js';
import { waitFor } from '../../helpers/wait-for.js';

describe('verdict recycled', () => {
  before(async function () {
    requirePidNamespaces(this);
    await requireKernel(this, 'a pidfd of a peer that is reaped');
  });

  it('is said when another process has the number', async () => {
    await using namespace = await PidNamespace.make();
    await using both = await recycledClient(namespace);
    const pid = both.client.ownPid;
    const document = await inspect(both.accepted, { wrapper: namespace.enter });
    assert.equal(document.verdict, 'recycled');
    assert.equal(document.basis, 'pidfd');
    assert.equal(document.credential?.pid, pid);
    assert.equal(document.byPid?.pid, pid);
    assert.equal(document.byPid.comm, 'sleep');
    assert.equal(document.byPid.state, 'running');
    assert.equal(document.byPidfd?.state, 'exited');
    assert.deepEqual(document.byPidfd.exitStatus, { code: 7 });
    assert.equal(document.byPidfd.comm, undefined);
    assert.equal(document.byPidfd.exe, undefined);
    assert.notEqual(document.byPid.pidfdId, document.byPidfd.pidfdId);
    assert.match(document.text, /trusts the wrong process/);
    assert.deepEqual(findingIds(document), []);
  });

  it('is said when a mere thread of another process has the number', async () => {
    await using namespace = await PidNamespace.make();
    await using both = await endedClient(namespace);
    await namespace.init.do('threadAs', both.client.ownPid);
    const document = await inspect(both.accepted, { wrapper: namespace.enter });
    assert.equal(document.verdict, 'recycled');
    assert.equal(document.byPid?.pid, both.client.ownPid);
    assert.equal(document.byPid.threadOf, 1);
    assert.equal(document.byPidfd?.state, 'exited');
    assert.match(findingText(document, 'pid-is-thread'), /thread of process 1\b/);
  });

  it('is not said, but exited, while the number is free in the same place', async () => {
    await using namespace = await PidNamespace.make();
    await using both = await endedClient(namespace);
    const document = await inspect(both.accepted, { wrapper: namespace.enter });
    assert.equal(document.verdict, 'exited');
    assert.equal(document.byPid, null);
  });

  it('is said of a listener that others hold', async () => {
    const name = freshName();
    await using namespace = await PidNamespace.make();
    await using server = await Peer.start({ wrapper: namespace.enter });
    const listener = await server.number('listen', name);
    const heir = await server.number('spawn', ['sleep', '60'], listener);
    await server.exit();
    await namespace.init.do('spawnAs', server.ownPid, ['sleep', '61']);
    const document = await inspect(name, { wrapper: namespace.enter });
    assert.equal(document.verdict, 'recycled');
    assert.deepEqual(document.byPid?.cmdline, ['sleep', '61']);
    assert.deepEqual(
      document.holders?.map(({ pid }) => pid),
      [heir],
    );
    assert.deepEqual(findingIds(document), ['holder-differs']);
  });

  it('is said by listen when the client’s number was taken before it was accepted', async () => {
    const name = freshName();
    await using namespace = await PidNamespace.make();
    await using listening = await Listening.start([name], { wrapper: namespace.enter });
    await using client = await Peer.start({ wrapper: namespace.enter });
    const wrapper = listening.child.pid ?? 0;
    const [peerpid = 0] = childrenOf(wrapper);
    process.kill(peerpid, 'SIGSTOP');
    // nsenter(1) stops with its child
    await waitFor('peerpid and nsenter stop', () => [peerpid, wrapper].every((pid) => processStat(pid).state === 'T'));
    await client.do('connect', name);
    await client.exit(7);
    await namespace.init.do('spawnAs', client.ownPid, ['sleep', '60']);
    process.kill(wrapper, 'SIGCONT');
    process.kill(peerpid, 'SIGCONT');
    const connection = await listening.next('connection');
    assert.equal(connection.verdict, 'recycled');
    assert.equal(connection.byPid?.comm, 'sleep');
    assert.deepEqual(connection.byPidfd?.exitStatus, { code: 7 });
    process.kill(peerpid, 'SIGTERM');
    assert.deepEqual((await listening.next('summary')).verdicts, { recycled: 1 });
    await waitFor('it ends', () => listening.child.exitCode !== null);
    assert.equal(listening.child.exitCode, 3);
  });
});
