import assert from 'node:assert/strict';

import { describeMessage } from '../../../src/document/describe-message.js';
import type { InspectDocument } from '../../../src/document/inspect-document.js';
import { SystemNames } from '../../../src/document/names.js';
import type { Judgement } from '../../../src/verdict/verdict.js';
import { valueOf } from '../../../src/words/reading.js';
import { kernelGives, verdictOf } from '../../helpers/machine/kernel-gives.js';
import { PidNamespace, requirePidNamespaces } from '../../helpers/machine/pid-namespace.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Connected, freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Receiver, reportOf } from '../../helpers/peers/receiver.js';
import { endedClient, recycledClient } from '../../helpers/peers/recycling.js';
import { inspect, whyUnavailable } from '../../helpers/running/inspect.js';
import { Listening } from '../../helpers/running/listening.js';
import { idsOf } from '../../helpers/running/message-events.js';

// The same situations on every kernel: what may be said depends on what it gives, and never is more

function assertJudged({ verdict, basis, byPidfd }: InspectDocument, expected: Judgement): void {
  assert.deepEqual({ verdict, basis }, expected);
  assert.equal(byPidfd === null, basis !== 'pidfd', 'what a pidfd pins is told of a pidfd only');
}

describe('a peer, as far as the kernel lets one say', () => {
  it('lives', async () => {
    await using both = await Connected.start();
    const document = await inspect(both.accepted);
    assertJudged(document, await verdictOf('peer', 'pinned'));
    assert.equal(document.byPid?.pid, both.client.pid);
    if (document.verdict === 'unpinned') assert.match(document.text, /gave no pidfd \(ENOPROTOOPT\)/);
  });

  it('has exited', async () => {
    await using both = await Connected.start();
    await both.client.exit(7);
    const document = await inspect(both.accepted);
    assertJudged(document, await verdictOf('peer', 'exited'));
    assert.equal(document.byPid, null);
    const status = await kernelGives('exit statuses (PIDFD_GET_INFO)');
    if (document.byPidfd !== null) assert.deepEqual(document.byPidfd.exitStatus, status ? { code: 7 } : undefined);
    else assert.ok(whyUnavailable(document, 'byPidfd'));
  });

  it('has exited, and another process has its number', async function () {
    requirePidNamespaces(this);
    await using namespace = await PidNamespace.make();
    await using both = await recycledClient(namespace);
    const document = await inspect(both.accepted, { wrapper: namespace.enter });
    assertJudged(document, await verdictOf('peer', 'recycled'));
    assert.equal(document.byPid?.comm, 'sleep');
    assert.equal(document.byPid.pid, both.client.ownPid);
  });

  it('lives outside this PID namespace', async function () {
    requirePidNamespaces(this);
    requireThat(this, isRoot, 'entering a PID namespace takes root');
    const name = freshName();
    await using namespace = await PidNamespace.make();
    await using server = await Peer.start();
    await server.do('listen', name);
    const document = await inspect(name, { wrapper: namespace.enter });
    const given = await kernelGives('a pidfd of a peer');
    assertJudged(document, { verdict: 'foreign', basis: given ? 'pidfd' : 'credential' });
    assert.equal(document.byPid, null);
  });

  it('is not taken for the impostor once it has exited in another namespace', async function () {
    requirePidNamespaces(this);
    await using namespace = await PidNamespace.make();
    await using both = await endedClient(namespace);
    const document = await inspect(both.accepted, { wrapper: namespace.enter });
    assertJudged(document, await verdictOf('peer', 'exited'));
  });
});

describe('the sender of a message, as far as the kernel lets one say', () => {
  it('lives outside this PID namespace, under ids that are not mapped, and is not taken for unknown', async function () {
    requirePrograms(this, 'unshare');
    requireThat(this, isRoot, 'becoming another user takes root');
    const name = freshName();
    const wrapper = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc'];
    await using listening = await Listening.start(['--type', 'dgram', name], { wrapper });
    await using client = await Peer.start();
    await client.do('setgid', 1000);
    await client.do('setuid', 1000);
    await client.do('send', await client.number('connect', name, 'dgram'), 'x');
    const message = await listening.next('message');
    const basis = (await kernelGives('a pidfd of a sender')) ? 'pidfd' : 'credential';
    assert.deepEqual([message.verdict, message.basis], ['foreign', basis]);
    assert.deepEqual(message.credential, { pid: 0, uid: 65534, gid: 65534 });
    assert.deepEqual(idsOf(message), ['uid-unmapped', 'gid-unmapped']);
  });

  for (const ends of [false, true]) {
    it(ends ? 'is reaped before the message is received' : 'lives', async () => {
      const name = freshName();
      using receiver = new Receiver(name, 'stream');
      await using peer = await Peer.start();
      const socket = await peer.number('connect', name);
      await peer.do('send', socket, 'x');
      if (ends) await peer.exit();
      const inspection = reportOf(await receiver.next());
      assert.equal(valueOf(inspection.sender.credential)?.pid, peer.pid);
      const { verdict, basis, byPidfd } = describeMessage(inspection, new SystemNames());
      assert.deepEqual({ verdict, basis }, await verdictOf('sender', ends ? 'exited' : 'pinned'));
      assert.equal(byPidfd === null, basis !== 'pidfd');
    });
  }
});
