import assert from 'node:assert/strict';

import { processStat } from '../../../../native-probe/proc/process.js';
import type { SocketType } from '../../../../native-probe/socket-kinds.js';
import { requireKernel, verdictOf } from '../../../helpers/machine/kernel-gives.js';
import { childrenOf, PidNamespace, requirePidNamespaces } from '../../../helpers/machine/pid-namespace.js';
import { isRoot, requirePrograms, requireThat } from '../../../helpers/machine/requirements.js';
import { freshName } from '../../../helpers/peers/connected.js';
import { Peer } from '../../../helpers/peers/peer.js';
import { prepareEach } from '../../../helpers/prepare-each.js';
import { Listening } from '../../../helpers/running/listening.js';
import { idsOf } from '../../../helpers/running/message-events.js';
import { waitFor } from '../../../helpers/wait-for.js';

const types: readonly SocketType[] = ['stream', 'seqpacket', 'dgram'];

/** The process in the namespace that nsenter(1) runs. */
function insideOf(listening: Listening): { wrapper: number; peerpid: number } {
  const wrapper = listening.child.pid ?? 0;
  const [peerpid = 0] = childrenOf(wrapper);
  return { wrapper, peerpid };
}

for (const type of types) {
  describe(`senders and PID namespaces: ${type}`, () => {
    let name: string;
    let namespace: PidNamespace;
    let listening: Listening;

    before(async function () {
      requirePidNamespaces(this);
      await requireKernel(this, 'a pidfd of a sender');
    });

    prepareEach(async (keep) => {
      name = freshName();
      namespace = keep(await PidNamespace.make());
      listening = keep(await Listening.start(['--type', type, name], { wrapper: namespace.enter }));
    });

    it('foreign: the sender lives in another one', async () => {
      await using client = await Peer.start();
      const fd = await client.number('connect', name, type);
      await client.do('sendmsg', fd, 'x');
      const message = await listening.next('message');
      assert.deepEqual([message.verdict, message.basis], ['foreign', 'pidfd']);
      assert.equal(message.credential?.pid, 0);
      assert.equal(message.byPid, null);
      assert.ok(message.byPidfd?.pidfdId);
      assert.deepEqual(idsOf(message), []);
    });

    it('recycled: another process has the number before the message is received', async function () {
      await requireKernel(this, 'a pidfd of a sender that is reaped');
      await using client = await Peer.start({ wrapper: namespace.enter });
      const { wrapper, peerpid } = insideOf(listening);
      const fd = await client.number('connect', name, type);
      process.kill(peerpid, 'SIGSTOP');
      // nsenter(1) stops with its child
      await waitFor('both stop', () => [peerpid, wrapper].every((pid) => processStat(pid).state === 'T'));
      await client.do('sendmsg', fd, 'x');
      await client.exit(7);
      await namespace.init.do('spawnAs', client.ownPid, ['sleep', '60']);
      process.kill(wrapper, 'SIGCONT');
      process.kill(peerpid, 'SIGCONT');
      const message = await listening.next('message');
      assert.deepEqual([message.verdict, message.basis], ['recycled', 'pidfd']);
      assert.equal(message.credential?.pid, client.ownPid);
      assert.equal(message.byPid?.comm, 'sleep');
      assert.equal(message.byPidfd?.state, 'exited');
      assert.deepEqual(message.byPidfd.exitStatus, { code: 7 });
      assert.deepEqual(idsOf(message), []);
      process.kill(peerpid, 'SIGTERM');
      assert.deepEqual((await listening.next('summary')).messageVerdicts, { recycled: 1 });
      assert.equal(await listening.exitStatus, 3);
    });
  });
}

describe('senders and user namespaces', () => {
  before(function () {
    requirePrograms(this, 'unshare');
    requireThat(this, isRoot, 'it takes root to become other users');
  });

  it('tells ids that are not mapped from those of nobody', async () => {
    const name = freshName();
    const wrapper = ['unshare', '--user', '--map-root-user'];
    await using listening = await Listening.start(['--type', 'dgram', name], { wrapper });
    await using client = await Peer.start();
    await client.do('setgid', 1000);
    await client.do('setuid', 1000);
    const fd = await client.number('connect', name, 'dgram');
    await client.do('sendmsg', fd, 'x');
    const message = await listening.next('message');
    assert.deepEqual(message.credential, { pid: client.pid, uid: 65534, gid: 65534 });
    assert.equal(message.verdict, (await verdictOf('sender', 'pinned')).verdict);
    assert.deepEqual(idsOf(message), ['uid-unmapped', 'gid-unmapped']);
  });
});
