import assert from 'node:assert/strict';

import { processNamespaces, processStat } from '../../../native-probe/proc/process.js';
import type { InspectDocument } from '../../../src/document/inspect-document.js';
import { requireKernel } from '../../helpers/machine/kernel-gives.js';
import { childrenOf, PidNamespace, requirePidNamespaces } from '../../helpers/machine/pid-namespace.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Connected, freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { makeZombie, stoppableParent } from '../../helpers/peers/zombie.js';
import { findingIds, findingText, inspect, whyUnavailable } from '../../helpers/running/inspect.js';
import { waitFor } from '../../helpers/wait-for.js';

function assertForeign(document: InspectDocument): void {
  assert.equal(document.verdict, 'foreign');
  assert.equal(document.basis, 'pidfd');
  assert.equal(document.credential?.pid, 0);
  assert.equal(document.byPid, null);
  assert.ok(document.byPidfd?.pidfdId);
  assert.match(document.text, /^PID 0: the peer lives outside this PID namespace/);
}

describe('verdict foreign', () => {
  before(async function () {
    requirePidNamespaces(this);
    await requireKernel(this, 'a pidfd of a peer');
  });

  it('is of a peer in the parent PID namespace, whose namespaces the pidfd tells', async function () {
    requireThat(this, isRoot, 'the namespaces of another user namespace’s process take root');
    const name = freshName();
    await using namespace = await PidNamespace.make();
    await using server = await Peer.start();
    await server.do('listen', name);
    const document = await inspect(name, { wrapper: namespace.enter });
    assertForeign(document);
    assert.equal(document.byPidfd?.state, 'running');
    assert.match(document.text, /still shows when it ends\.$/);
    assert.equal(document.byPidfd.pid, 0);
    assert.deepEqual(document.byPidfd.namespaces, processNamespaces(server.pid));
    assert.match(findingText(document, 'other-namespaces'), /: mnt, pid\.$/);
    // EREMOTE since Linux 6.19; EINVAL before 6.13, which has no such request
    assert.match(whyUnavailable(document, 'byPidfd.cgroup') ?? '', /PIDFD_GET_INFO\): .* \(E(REMOTE|SRCH|INVAL)\)$/);
    assert.match(whyUnavailable(document, 'byPidfd.comm') ?? '', /no PID in this PID namespace/);
  });

  it('is of a peer in a sibling PID namespace', async () => {
    const name = freshName();
    await using ours = await PidNamespace.make();
    await using theirs = await PidNamespace.make();
    await using server = await Peer.start({ wrapper: theirs.enter });
    await server.do('listen', name);
    assertForeign(await inspect(name, { wrapper: ours.enter }));
    assert.equal((await inspect(name, { wrapper: theirs.enter })).verdict, 'pinned');
  });

  it('is of a peer that has ended, zombie or reaped, all the same', async function () {
    requirePrograms(this, 'perl');
    await requireKernel(this, 'a pidfd of a peer that is reaped');
    await using namespace = await PidNamespace.make();
    await using both = await Connected.start({
      server: { wrapper: namespace.enter },
      client: { wrapper: stoppableParent },
    });
    {
      using _zombie = await makeZombie(both.client);
      const unreaped = await inspect(both.accepted, { wrapper: namespace.enter });
      assertForeign(unreaped);
      assert.equal(unreaped.byPidfd?.state, 'zombie');
      assert.match(unreaped.text, /shows that it has ended\.$/);
      assert.ok(findingIds(unreaped).includes('zombie'));
    }
    await both.client.exit();
    const reaped = await inspect(both.accepted, { wrapper: namespace.enter });
    assertForeign(reaped);
    assert.equal(reaped.byPidfd?.state, 'exited');
    assert.match(reaped.text, /shows that it has ended\.$/);
    assert.equal(reaped.byPidfd.pid, undefined);
  });

  it('is not of a peer in a child PID namespace, whose number is translated', async () => {
    const name = freshName();
    await using namespace = await PidNamespace.make();
    await using server = await Peer.start({ wrapper: namespace.enter });
    await server.do('listen', name);
    const document = await inspect(name);
    const [pid] = childrenOf(server.pid);
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.credential?.pid, pid);
    assert.equal(document.byPidfd?.pid, pid);
    assert.notEqual(pid, server.ownPid);
    assert.match(findingText(document, 'other-namespaces'), new RegExp(`pid.* Its PID there is ${server.ownPid}\\.$`));
  });

  it('does not say that the peer let the socket go: its descriptors cannot be seen from here', async () => {
    const name = freshName();
    await using namespace = await PidNamespace.make();
    await using server = await Peer.start();
    const listener = await server.number('listen', name);
    const nsenter = await server.number('spawn', [...namespace.enter, 'sleep', '60'], listener);
    let heir = 0;
    await waitFor('sleep runs inside', () => {
      heir = childrenOf(nsenter).find((pid) => processStat(pid).comm.equals(Buffer.from('sleep'))) ?? 0;
      return heir !== 0;
    });
    const document = await inspect(name, { wrapper: namespace.enter });
    process.kill(heir, 'SIGKILL');
    assertForeign(document);
    assert.deepEqual(
      document.holders?.map(({ comm }) => comm),
      ['sleep'],
    );
    assert.match(findingText(document, 'shared-socket'), /We may not see whether the process .* has it, too\.$/);
    assert.ok(!findingIds(document).includes('holder-differs'));
  });
});
