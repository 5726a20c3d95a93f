import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';

import type { SocketType } from '../../../../native-probe/socket-kinds.js';
import { requirePrograms } from '../../../helpers/machine/requirements.js';
import { freshName } from '../../../helpers/peers/connected.js';
import { Peer } from '../../../helpers/peers/peer.js';
import { Listening } from '../../../helpers/running/listening.js';
import { waitFor } from '../../../helpers/wait-for.js';

const types: readonly SocketType[] = ['stream', 'dgram'];

/** What each descriptor is numbered, so that one lost for another gained is seen too. */
const openFiles = (pid: number): string[] => readdirSync(`/proc/${pid}/fd`).sort();

/** Whether a descriptor is of this file: not if it is closed meanwhile. */
function isAt(pid: number, number: string, path: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/fd/${number}`) === path;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

for (const type of types) {
  describe(`descriptors of listen: ${type}`, () => {
    it('are the same after ten thousand messages', async function () {
      this.timeout(60_000);
      const name = freshName();
      await using listening = await Listening.start(['--type', type, name]);
      const pid = listening.child.pid ?? 0;
      await using client = await Peer.start();
      const fd = await client.number('connect', name, type);
      const file = await client.number('open', '/etc/passwd');
      // From the first descriptor on there are children that close them
      await client.do('sendmsg', fd, 'first', { pass: [file] });
      await listening.next('message');
      await waitFor('it is closed', () => !openFiles(pid).some((number) => isAt(pid, number, '/etc/passwd')));
      const before = openFiles(pid);
      // Each brings a descriptor, and so stays a message of its own on a stream too; in flight may be as many as may be open
      for (let round = 0; round < 20; round++) {
        const receiving = async (): Promise<void> => {
          for (let count = 0; count < 500; count++) {
            const { verdict, passed } = await listening.next('message');
            assert.deepEqual([verdict, passed.length], ['pinned', 1]);
          }
        };
        await Promise.all([client.do('sendmsg', fd, 'abc', { times: 500, pass: [file] }), receiving()]);
      }
      await waitFor('what came is closed', () => openFiles(pid).length === before.length);
      assert.deepEqual(openFiles(pid), before);
    });

    it('are no concern once nobody reads its output: it ends', async () => {
      const name = freshName();
      await using listening = await Listening.start(['--type', type, name]);
      await using client = await Peer.start();
      const fd = await client.number('connect', name, type);
      listening.child.stdout.destroy();
      await client.do('sendmsg', fd, 'x');
      assert.equal(await listening.exitStatus, 0);
    });

    it('are not lost where they are short: the messages say so, and none is believed wrongly', async function () {
      requirePrograms(this, 'prlimit');
      const name = freshName();
      const wrapper = ['prlimit', '--nofile=64:64'];
      await using listening = await Listening.start(['--type', type, name], { wrapper });
      const pid = listening.child.pid ?? 0;
      await using client = await Peer.start();
      const fd = await client.number('connect', name, type);
      const file = await client.number('open', '/etc/passwd');
      // From the first descriptor on there are children that close them
      await client.do('sendmsg', fd, 'first', { pass: [file] });
      await listening.next('message');
      await waitFor('it is closed', () => !openFiles(pid).some((number) => isAt(pid, number, '/etc/passwd')));
      const before = openFiles(pid);
      const pass = Array.from({ length: 253 }, () => file);
      for (let round = 0; round < 20; round++) {
        // As one turn takes them: what the first brings, the second lacks
        process.kill(pid, 'SIGSTOP');
        await client.do('sendmsg', fd, 'x', { pass });
        await client.do('sendmsg', fd, 'y');
        process.kill(pid, 'SIGCONT');
        const greedy = await listening.next('message');
        assert.ok(greedy.passed.length < 64);
        assert.ok(greedy.findings.some(({ id }) => id === 'control-truncated'));
        assert.equal(greedy.credential?.pid, client.pid);
        const next = await listening.next('message');
        assert.ok(['pinned', 'unpinned'].includes(next.verdict), next.verdict);
        if (next.verdict === 'unpinned') {
          // Or it was received without room, while what the first brought is not closed yet
          assert.match(next.text, /EMFILE|left out/);
          assert.equal(next.byPidfd, null);
        }
      }
      await client.do('sendmsg', fd, 'last');
      assert.equal((await listening.next('message')).verdict, 'pinned');
      await waitFor('what came is closed', () => openFiles(pid).length === before.length);
      assert.deepEqual(openFiles(pid), before);
    });
  });
}
