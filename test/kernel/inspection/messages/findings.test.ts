import assert from 'node:assert/strict';

import { MessageReceiver, send } from '../../../../native-probe/message.js';
import type { SocketType } from '../../../../native-probe/socket-kinds.js';
import { openSocketPair } from '../../../../native-probe/unix-socket.js';
import { valueOf } from '../../../../src/words/reading.js';
import { requireKernel, verdictOf } from '../../../helpers/machine/kernel-gives.js';
import { isRoot, requireThat } from '../../../helpers/machine/requirements.js';
import { freshName } from '../../../helpers/peers/connected.js';
import { Peer } from '../../../helpers/peers/peer.js';
import { ask, reportOf } from '../../../helpers/peers/receiver.js';
import { prepareEach } from '../../../helpers/prepare-each.js';
import { Listening } from '../../../helpers/running/listening.js';
import { idsOf, textOfFinding } from '../../../helpers/running/message-events.js';

const connected: readonly SocketType[] = ['stream', 'seqpacket'];

for (const type of connected) {
  describe(`findings of messages on a ${type} connection`, () => {
    let name: string;
    let listening: Listening;
    let client: Peer;

    before(async function () {
      await requireKernel(this, 'a pidfd of a sender');
    });

    prepareEach(async (keep) => {
      name = freshName();
      listening = keep(await Listening.start(['--type', type, name]));
      client = keep(await Peer.start());
    });

    it('are none of a message that the client itself sends', async () => {
      const fd = await client.number('connect', name, type);
      await client.do('sendmsg', fd, 'x');
      const message = await listening.next('message');
      assert.deepEqual([message.verdict, message.basis, message.connection], ['pinned', 'pidfd', 1]);
      assert.deepEqual(message.findings, []);
      assert.deepEqual(message.unavailable, []);
    });

    it('sender-differs: a child sends on the connection that it inherited', async () => {
      const fd = await client.number('connect', name, type);
      const child = await client.number('spawn', ['sh', '-c', 'printf child >&3; exec sleep 60'], fd);
      const message = await listening.next('message');
      assert.equal(message.verdict, 'pinned');
      assert.equal(message.preview, 'child');
      assert.equal(message.byPidfd?.pid, child);
      assert.deepEqual(idsOf(message), ['sender-differs']);
      assert.match(
        textOfFinding(message, 'sender-differs'),
        new RegExp(`^Process ${child} sent this, and process ${client.pid} made the connection`),
      );
    });

    it('sender-differs: somebody sends on a connection that came by SCM_RIGHTS', async () => {
      await using heir = await Peer.start();
      const meeting = freshName();
      const listener = await heir.number('listen', meeting);
      const toHeir = await client.number('connect', meeting);
      const fromClient = await heir.number('accept', listener);
      const fd = await client.number('connect', name, type);
      await client.do('sendmsg', toHeir, 'x', { pass: [fd] });
      const [passed = -1] = (await heir.do('takePassed', fromClient)) as number[];
      await client.do('sendmsg', fd, 'client');
      await heir.do('sendmsg', passed, 'heir');
      const first = await listening.next('message');
      assert.deepEqual([first.preview, idsOf(first)], ['client', []]);
      const second = await listening.next('message');
      assert.deepEqual([second.preview, idsOf(second)], ['heir', ['sender-differs']]);
      assert.equal(second.byPidfd?.pid, heir.pid);
    });

    it('message-ids-differ: the connection has effective ids, the message real ones', async function () {
      requireThat(this, isRoot, 'an effective uid of another takes root');
      await client.do('seteuid', 1000);
      const fd = await client.number('connect', name, type);
      await client.do('sendmsg', fd, 'x');
      const connection = await listening.next('connection');
      assert.equal(connection.credential?.uid, 1000);
      const message = await listening.next('message');
      assert.equal(message.verdict, 'pinned');
      assert.equal(message.credential?.uid, 0);
      assert.deepEqual(idsOf(message), ['message-ids-differ']);
      assert.match(textOfFinding(message, 'message-ids-differ'), /uid 0 .*the connection said 1000/);
    });

    it('stated: ids that are none of the sender’s, with the pid of its child', async function () {
      requireThat(this, isRoot, 'stating credentials takes root');
      const child = await client.number('spawn', ['sleep', '60']);
      const fd = await client.number('connect', name, type);
      await client.do('sendmsg', fd, 'x', { stated: { pid: child, uid: 12345, gid: 0 } });
      const message = await listening.next('message');
      assert.deepEqual([message.credential?.pid, message.credential?.uid], [child, 12345]);
      assert.equal(message.verdict, 'pinned');
      assert.deepEqual(message.byPidfd?.cmdline, ['sleep', '60']);
      assert.deepEqual(idsOf(message), ['sender-differs', 'stated']);
      assert.match(message.text, /one that a privileged sender stated/);
      assert.match(textOfFinding(message, 'sender-differs'), /a privileged sender stated another pid/);
      assert.match(textOfFinding(message, 'stated'), /^Uid 12345 is none of the sender's own \(real 0,/);
    });

    it('stated: a gid that is none of the sender’s', async function () {
      requireThat(this, isRoot, 'stating credentials takes root');
      const fd = await client.number('connect', name, type);
      await client.do('sendmsg', fd, 'x', { stated: { pid: client.pid, uid: 0, gid: 12345 } });
      const message = await listening.next('message');
      assert.deepEqual(idsOf(message), ['message-ids-differ', 'stated']);
      assert.match(textOfFinding(message, 'stated'), /^Gid 12345 is none of the sender's own \(real 0,/);
    });

    it('sender-differs: only of the message that states another process’s pid', async function () {
      requireThat(this, isRoot, 'stating credentials takes root');
      await using victim = await Peer.start();
      const fd = await client.number('connect', name, type);
      await listening.next('connection');
      await client.do('sendmsg', fd, 'x', { stated: { pid: victim.pid, uid: 0, gid: 0 } });
      assert.deepEqual(idsOf(await listening.next('message')), ['sender-differs']);
      assert.equal(await client.number('sendmsg', fd, 'again'), 5);
      assert.deepEqual(idsOf(await listening.next('message')), []);
    });
  });
}

describe('findings of datagrams', () => {
  it('stated: root states its child’s pid and another uid, and SCM_PIDFD follows', async function () {
    requireThat(this, isRoot, 'stating credentials takes root');
    await requireKernel(this, 'a pidfd of a sender');
    const name = freshName();
    await using listening = await Listening.start(['--type', 'dgram', name]);
    await using client = await Peer.start();
    const child = await client.number('spawn', ['sleep', '60']);
    const fd = await client.number('connect', name, 'dgram');
    await client.do('sendmsg', fd, 'x', { stated: { pid: child, uid: 12345, gid: 0 } });
    const message = await listening.next('message');
    assert.equal(message.connection, undefined);
    assert.equal(message.byPidfd?.pid, child);
    assert.equal(message.verdict, 'pinned');
    assert.deepEqual(idsOf(message), ['stated']);
  });

  it('truncated: the datagram is longer than the buffer, up to what a send buffer takes', async () => {
    const name = freshName();
    await using listening = await Listening.start(['--type', 'dgram', '--preview', '4', name]);
    await using client = await Peer.start();
    const fd = await client.number('connect', name, 'dgram');
    // net.core.wmem_default less what the kernel keeps for itself is at least this much
    for (const [length, ids] of [
      [64 * 1024, []],
      [64 * 1024 + 1, ['truncated']],
      [200_000, ['truncated']],
    ] as const) {
      await client.do('sendmsg', fd, 'y'.repeat(length));
      const message = await listening.next('message');
      assert.deepEqual([message.bytes, message.preview, idsOf(message)], [length, 'yyyy', ids]);
      assert.equal(message.verdict, (await verdictOf('sender', 'pinned')).verdict);
    }
  });
});

describe('a message that was sent before its receiver asked for senders', () => {
  for (const type of ['stream', 'seqpacket', 'dgram'] as const) {
    it(`is explained, and not taken for a foreign one: ${type}`, async function () {
      await requireKernel(this, 'a pidfd of a sender');
      const [one, other] = openSocketPair(type);
      using receiving = one;
      using sending = other;
      send(sending, { data: Buffer.from('early') });
      ask(receiving);
      send(sending, { data: Buffer.from('late') });
      const receiver = new MessageReceiver(2);
      const messages = [...receiver.receive(receiving, false), ...receiver.receive(receiving, false)];
      const [early, late] = messages.map(reportOf);
      assert.ok(early && late);
      assert.deepEqual(early.judgement, { verdict: 'none', basis: 'credential' });
      assert.deepEqual(idsOf(early), ['sent-before-asked']);
      assert.equal(early.sender.preview.toString(), 'early');
      assert.deepEqual(late.judgement, await verdictOf('sender', 'pinned'));
      assert.equal(valueOf(late.sender.credential)?.pid, process.pid);
      // On a busy machine the thread that reads our own command line may be late
      assert.deepEqual(
        idsOf(late).filter((id) => id !== 'unreadable'),
        [],
      );
    });
  }
});
