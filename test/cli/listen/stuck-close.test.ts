import assert from 'node:assert/strict';
import { once } from 'node:events';

import type { SocketType } from '../../../native-probe/socket-kinds.js';
import type { ListenEvent } from '../../../src/document/listen-event.js';
import { compiled, startWithFuse } from '../../helpers/hostile/hostile.js';
import { isRoot, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Listening } from '../../helpers/running/listening.js';

type MessageEvent = Extract<ListenEvent, { event: 'message' }>;

/** More than of one sender may wait to be closed, and than there are children to close them. */
const many = 3000;

for (const type of ['stream', 'dgram'] as const) {
  it(`listen serves others, and ends, while a descriptor that was sent cannot be closed: ${type}`, async function () {
    using directory = new TemporaryDirectory();
    const program = compiled(this, directory, 'flush-hang');
    const path = directory.file('socket');
    await using listening = await Listening.start(['--type', type, '--mode', '777', path]);
    const ended = once(listening.child.stdout, 'end');
    // With the FUSE's end its files are closed
    await using hanging = await startWithFuse(this, directory, program, path, type, '1');
    assert.deepEqual((await listening.next('message')).passed.length, 1);
    await hanging.logged('FLUSH');
    assert.equal((await listening.next('message')).preview, 'plain');
    const { preview, verdict, passed } = await sentByAnother(listening, path, type);
    assert.deepEqual([preview, verdict, passed.length], ['other', 'pinned', 1]);
    listening.child.kill('SIGTERM');
    assert.equal(await listening.exitStatus, 0);
    // Nor does anybody wait for the end of its output
    await listening.next('summary');
    await ended;
  });

  it(`listen takes no more descriptors of one sender than it can close, and goes on to take others': ${type}`, async function () {
    requireThat(this, isRoot, 'needs another user');
    using directory = new TemporaryDirectory();
    const program = compiled(this, directory, 'flush-hang');
    const path = directory.file('socket');
    await using listening = await Listening.start(['--type', type, '--mode', '777', path]);
    await using _hanging = await startWithFuse(this, directory, program, path, type, String(many));
    const messages: MessageEvent[] = [];
    while (messages.length < many) messages.push(await listening.next('message'));
    const taken = messages.filter(({ passed }) => passed.length > 0).length;
    // Eight are being closed, and what one call received comes on top
    assert.ok(taken >= 256 && taken <= 256 + 8 + 64, `${taken} were taken`);
    for (const { passed, findings, verdict } of messages) {
      assert.equal(
        findings.some(({ id }) => id === 'control-truncated'),
        passed.length === 0,
      );
      assert.equal(verdict, passed.length === 0 ? 'unpinned' : 'pinned');
    }
    const told = messages.at(-1)?.findings.find(({ id }) => id === 'control-truncated')?.text ?? '';
    assert.match(told, /the descriptors that came with it: \d+ earlier ones wait to be closed/);
    // What brings none loses nothing
    const plain = await listening.next('message');
    assert.deepEqual([plain.preview, plain.verdict, plain.findings], ['plain', 'pinned', []]);
    const { preview, verdict, passed } = await sentByAnother(listening, path, type);
    assert.deepEqual([preview, verdict, passed.length], ['other', 'pinned', 1]);
    listening.child.kill('SIGTERM');
    // Some messages had no pidfd
    assert.equal(await listening.exitStatus, 3);
  });
}

/** What is told of a message of another process, and on a connection of its own. */
async function sentByAnother(listening: Listening, path: string, type: SocketType): Promise<MessageEvent> {
  await using client = await Peer.start();
  const fd = await client.number('connect', path, type);
  const file = await client.number('open', '/etc/passwd');
  await client.do('sendmsg', fd, 'other', { pass: [file] });
  return await listening.next('message');
}
