import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';

import { encodeCredential } from '../../../native-probe/ancillary.js';
import type { Fd } from '../../../native-probe/fd.js';
import { askForSenders, dealWith, type Message, MessageReceiver, send } from '../../../native-probe/message.js';
import { openPidfd, pidfdId } from '../../../native-probe/pidfd.js';
import { bind, connect, openSocket } from '../../../native-probe/unix-socket.js';
import { describeMessage } from '../../../src/document/describe-message.js';
import type { MessageDocument } from '../../../src/document/message-document.js';
import { SystemNames } from '../../../src/document/names.js';
import { inspectMessage } from '../../../src/inspection/inspect-message.js';
import { SenderBatch } from '../../../src/inspection/sender-batch.js';
import { Witness } from '../../../src/words/evidence.js';
import { isRoot, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';

describe('the senders of messages that were received together', () => {
  let directory: TemporaryDirectory;
  let socket: Fd;
  let path: string;
  const receiver = new MessageReceiver(8);

  prepareEach((keep) => {
    directory = keep(new TemporaryDirectory());
    path = directory.file('socket');
    socket = keep(openSocket('dgram'));
    askForSenders(socket, 'SO_PASSCRED');
    askForSenders(socket, 'SO_PASSPIDFD');
    bind(socket, { kind: 'path', path: Buffer.from(path) });
  });

  /** A process, and what has it send. */
  async function sender(): Promise<{ peer: Peer; say: (text: string) => Promise<unknown> }> {
    const peer = await Peer.start();
    const number = await peer.number('connect', path, 'dgram');
    return { peer, say: (text) => peer.do('send', number, text) };
  }

  function describeBatch(messages: readonly Message[]): MessageDocument[] {
    const batch = new SenderBatch();
    const documents: MessageDocument[] = [];
    dealWith(messages, (message) => {
      const inspection = inspectMessage(message, 64, undefined, batch, Witness.silent());
      documents.push(describeMessage(inspection, new SystemNames()));
    });
    return documents;
  }

  it('are told one by one, where another process sent in between', async () => {
    const [one, other] = [await sender(), await sender()];
    await using first = one.peer;
    await using second = other.peer;
    await one.say('1');
    await one.say('2');
    await other.say('3');
    await one.say('4');
    await other.say('5');
    const documents = describeBatch(receiver.receive(socket, true));
    const expected = [first, first, second, first, second].map(({ pid }, index) => {
      return [String(index + 1), pid, pid, idOf(pid), pid, idOf(pid), 'pinned'];
    });
    assert.deepEqual(
      documents.map(({ preview, credential, byPid, byPidfd, verdict }) => {
        return [preview, credential?.pid, byPid?.pid, byPid?.pidfdId, byPidfd?.pid, byPidfd?.pidfdId, verdict];
      }),
      expected,
    );
  });

  it('are told one by one, where one of them has ended', async () => {
    const [one, other] = [await sender(), await sender()];
    await using ended = one.peer;
    await using alive = other.peer;
    await one.say('1');
    await other.say('2');
    await one.say('3');
    await ended.exit(7);
    const documents = describeBatch(receiver.receive(socket, true));
    assert.deepEqual(
      documents.map(({ credential, byPid, verdict }) => [credential?.pid, byPid?.pid, verdict]),
      [
        [ended.pid, undefined, 'exited'],
        [alive.pid, alive.pid, 'pinned'],
        [ended.pid, undefined, 'exited'],
      ],
    );
  });

  it('are looked at afresh in the next batch', async () => {
    const { peer, say } = await sender();
    await using _ended = peer;
    await say('1');
    await say('2');
    const [before] = describeBatch(receiver.receive(socket, true, 1));
    await peer.exit();
    const [after] = describeBatch(receiver.receive(socket, true));
    assert.deepEqual([before?.preview, before?.verdict], ['1', 'pinned']);
    assert.deepEqual([after?.preview, after?.verdict], ['2', 'exited']);
  });

  it('keep the credential that each message has: of one process it may state other ids', function () {
    requireThat(this, isRoot, 'stating ids takes root');
    using own = openSocket('dgram');
    connect(own, { kind: 'path', path: Buffer.from(path) });
    const data = Buffer.from('x');
    send(own, { data });
    send(own, { data, control: encodeCredential({ pid: process.pid, uid: 12345, gid: 54321 }) });
    send(own, { data });
    const documents = describeBatch(receiver.receive(socket, true));
    assert.deepEqual(
      documents.map(({ credential, findings }) => [credential?.uid, findings.map(({ id }) => id)]),
      [
        [0, []],
        [12345, ['stated']],
        [0, []],
      ],
    );
  });

  it('leave no descriptor open', async () => {
    const { peer, say } = await sender();
    await using _alive = peer;
    const before = openDescriptors();
    for (let round = 0; round < 5; round++) {
      await say('1');
      await say('2');
      assert.equal(describeBatch(receiver.receive(socket, true)).length, 2);
    }
    assert.equal(openDescriptors(), before);
  });
});

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

function idOf(pid: number): number {
  using pidfd = openPidfd(pid);
  return Number(pidfdId(pidfd));
}
