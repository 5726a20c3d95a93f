import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';

import type { SocketType } from '../../../../native-probe/socket-kinds.js';
import { nodeFailedWith } from '../../../../native-probe/syscall-error.js';
import { kernelGives, verdictOf } from '../../../helpers/machine/kernel-gives.js';
import { pidfdIds } from '../../../helpers/machine/questions/pidfds.js';
import { isRoot, requireThat } from '../../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../../helpers/machine/temporary.js';
import { freshName } from '../../../helpers/peers/connected.js';
import { Peer } from '../../../helpers/peers/peer.js';
import { Listening } from '../../../helpers/running/listening.js';
import { idsOf } from '../../../helpers/running/message-events.js';
import { outcomeOf, startPeerpid } from '../../../helpers/running/run-peerpid.js';
import { waitFor } from '../../../helpers/wait-for.js';

const types: readonly SocketType[] = ['stream', 'seqpacket', 'dgram'];
const openFiles = (pid: number): string[] => readdirSync(`/proc/${pid}/fd`);

/** How many it has open once none is the file that was passed. */
async function settled(pid: number): Promise<number> {
  const isOpen = (number: string): boolean => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${number}`) === '/etc/passwd';
    } catch (error) {
      // Closed since the list was read
      if (nodeFailedWith(error, 'ENOENT')) return false;
      throw error;
    }
  };
  await waitFor('what was passed is closed', () => !openFiles(pid).some(isOpen));
  return openFiles(pid).length;
}

for (const type of types) {
  describe(`messages that bring something: ${type}`, () => {
    let name: string;
    let listening: Listening;
    let client: Peer;
    let fd: number;

    async function start(...args: string[]): Promise<void> {
      name = freshName();
      listening = await Listening.start(['--type', type, ...args, name]);
      client = await Peer.start();
      fd = await client.number('connect', name, type);
    }

    afterEach(async () => {
      await client[Symbol.asyncDispose]();
      await listening[Symbol.asyncDispose]();
    });

    it('says what descriptors came along, and closes them', async () => {
      await start();
      const file = await client.number('open', '/etc/passwd');
      const [socket = -1] = (await client.do('socketpair')) as number[];
      // From the first descriptor on there are children that close them
      await client.do('sendmsg', fd, 'first', { pass: [file] });
      await listening.next('message');
      const before = await settled(listening.child.pid ?? 0);
      await client.do('sendmsg', fd, 'x', { pass: [file, socket, file] });
      const { passed, verdict, ...message } = await listening.next('message');
      assert.equal(verdict, (await verdictOf('sender', 'pinned')).verdict);
      const missing = [
        ...((await kernelGives('a pidfd of a sender')) ? [] : ['byPidfd']),
        ...((await pidfdIds()) === 'unique' ? [] : ['byPid.pidfdId']),
      ];
      assert.deepEqual(
        message.unavailable.map(({ fact }) => fact),
        missing,
      );
      assert.equal(passed.length, 3);
      assert.deepEqual([passed[0], passed[2]], ['/etc/passwd', '/etc/passwd']);
      assert.match(passed[1] ?? '', /^socket:\[\d+\]$/);
      await waitFor('they are closed', () => openFiles(listening.child.pid ?? 0).length === before);
    });

    it('takes as many as the kernel lets through, beside stated credentials', async function () {
      requireThat(this, isRoot, 'stating credentials takes root');
      await start();
      const file = await client.number('open', '/etc/passwd');
      // From the first descriptor on there are children that close them
      await client.do('sendmsg', fd, 'first', { pass: [file] });
      await listening.next('message');
      const before = await settled(listening.child.pid ?? 0);
      const pass = Array.from({ length: 253 }, () => file);
      await client.do('sendmsg', fd, 'x', { pass, stated: { pid: client.pid, uid: 0, gid: 0 } });
      const message = await listening.next('message');
      const { verdict } = await verdictOf('sender', 'pinned');
      assert.deepEqual([message.verdict, message.passed.length, idsOf(message)], [verdict, 253, []]);
      await waitFor('they are closed', () => openFiles(listening.child.pid ?? 0).length === before);
    });

    it('shows bytes that are no text, or would steer a terminal, escaped', async () => {
      await start();
      const hostile = Buffer.from('a\x1b]0;owned\x07\u202e\n\r\0');
      await client.do('sendmsg', fd, '', { base64: Buffer.concat([hostile, Buffer.of(0xff)]).toString('base64') });
      const { preview, bytes } = await listening.next('message');
      assert.equal(bytes, hostile.length + 1);
      assert.equal(preview, 'a\x1b]0;owned\x07\u202e\n\r\0\\xff');
    });

    it('--preview N shows so many bytes, without half a character', async () => {
      await start('--preview', '3');
      await client.do('sendmsg', fd, 'abcdef');
      assert.equal((await listening.next('message')).preview, 'abc');
      await client.do('sendmsg', fd, 'ab');
      assert.equal((await listening.next('message')).preview, 'ab');
      await client.do('sendmsg', fd, 'abé');
      const { preview, bytes } = await listening.next('message');
      assert.deepEqual([preview, bytes], ['ab\\xc3', 4]);
    });

    it('--no-preview shows nothing of what it says', async () => {
      await start('--no-preview');
      await client.do('sendmsg', fd, 'secret');
      const message = await listening.next('message');
      assert.deepEqual([message.preview, message.bytes], ['', 6]);
      assert.ok(!JSON.stringify(message).includes('secret'));
    });
  });
}

describe('messages for people', () => {
  for (const [args, shown] of [
    [[], "'a\\x1b[31m\\x0a'"],
    [['--preview', '1'], "'a'…"],
    [['--no-preview'], '7 bytes'],
  ] as const) {
    it(`hold no control characters of the sender: ${args.join(' ') || 'no option'}`, async () => {
      using directory = new TemporaryDirectory();
      const path = directory.file('socket');
      const child = startPeerpid(['listen', '--type', 'dgram', '--once', ...args, path]);
      const outcome = outcomeOf(child);
      await using client = await Peer.start();
      await waitFor('it listens', () => readdirSync(directory.path).includes('socket'));
      const fd = await client.number('connect', path, 'dgram');
      await client.do('sendmsg', fd, 'a\x1b[31m\n', { pass: [fd] });
      const { stdout, stderr, status } = await outcome;
      assert.deepEqual([stderr, status], ['', (await kernelGives('a pidfd of a sender')) ? 0 : 3]);
      assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f]/);
      assert.ok(stdout.includes(shown), stdout);
      assert.match(stdout, /passed along, and closed: socket:\[\d+\]/);
    });
  }
});

describe('the address of a datagram’s sender', () => {
  it('is told when it has one', async () => {
    using directory = new TemporaryDirectory();
    const path = directory.file('socket');
    await using listening = await Listening.start(['--type', 'dgram', path]);
    await using client = await Peer.start();
    const bound = directory.file('client');
    const abstract = freshName();
    for (const own of [bound, abstract, '']) {
      const fd = await client.number('bindAndConnect', own, path, 'dgram');
      await client.do('sendmsg', fd, 'x');
      const { from } = await listening.next('message');
      if (own === '') assert.match(from ?? '', /^@[0-9a-f]{5}$/);
      else assert.equal(from, own);
    }
    const unbound = await client.number('connect', path, 'dgram');
    await client.do('sendmsg', unbound, 'x');
    assert.equal((await listening.next('message')).from, undefined);
  });
});

describe('messages of no length, and those before an end', () => {
  for (const type of ['seqpacket', 'dgram'] as const) {
    it(`an empty message is a message: ${type}`, async () => {
      const name = freshName();
      await using listening = await Listening.start(['--type', type, name]);
      await using client = await Peer.start();
      const fd = await client.number('connect', name, type);
      for (const text of ['', 'abc', '']) await client.do('sendmsg', fd, text);
      await client.do('sendmsg', fd, '', { pass: [fd] });
      const { verdict } = await verdictOf('sender', 'pinned');
      for (const [bytes, passed] of [
        [0, 0],
        [3, 0],
        [0, 0],
        [0, 1],
      ]) {
        const message = await listening.next('message');
        assert.deepEqual([message.bytes, message.passed.length, message.verdict], [bytes, passed, verdict]);
      }
    });
  }

  for (const type of ['stream', 'seqpacket'] as const) {
    it(`all that was queued before close(2) comes before the disconnect: ${type}`, async () => {
      const name = freshName();
      await using listening = await Listening.start(['--type', type, name]);
      await using client = await Peer.start();
      const fd = await client.number('connect', name, type);
      // A kernel queues more than this, but for seqpackets only so many: net.unix.max_dgram_qlen is 10 at least
      await client.do('sendmsg', fd, 'ab', { times: 10 });
      await client.do('close', fd);
      let bytes = 0;
      for (;;) {
        const event = await listening.any();
        if (event.event === 'message') bytes += event.bytes;
        if (event.event !== 'disconnect') continue;
        assert.equal(event.bytes, 20);
        break;
      }
      assert.equal(bytes, 20);
    });
  }
});
