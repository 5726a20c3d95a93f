import assert from 'node:assert/strict';

import type { ListenEvent } from '../../../src/document/listen-event.js';
import { isRoot, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { Listening } from '../../helpers/running/listening.js';

type Connected = Extract<ListenEvent, { event: 'connection' }>;

const isOfAnother = ({ evidence = [] }: Connected): boolean =>
  evidence.some(({ concluded }) => concluded?.includes('of an earlier client') === true);

describe('clients that are accepted together', () => {
  let path: string;

  prepareEach((keep) => {
    path = keep(new TemporaryDirectory()).file('socket');
  });

  /** What listen shows of clients that connected while it was stopped. */
  async function connections(
    listening: Listening,
    count: number,
    whileStopped: () => Promise<unknown>,
  ): Promise<Connected[]> {
    listening.child.kill('SIGSTOP');
    try {
      await whileStopped();
    } finally {
      listening.child.kill('SIGCONT');
    }
    const events: Connected[] = [];
    while (events.length < count) events.push(await listening.next('connection'));
    return events;
  }

  it('are told one by one, with one look at each process', async () => {
    await using listening = await Listening.start(['--explain', path]);
    await using one = await Peer.start();
    await using other = await Peer.start();
    const told = await connections(listening, 5, async () => {
      for (const peer of [one, other, one, one, other]) await peer.do('connect', path);
    });
    assert.deepEqual(
      told.map((event) => [
        event.connection,
        event.credential?.pid,
        event.byPid?.pid,
        event.verdict,
        isOfAnother(event),
      ]),
      [
        [1, one.pid, one.pid, 'pinned', false],
        [2, other.pid, other.pid, 'pinned', false],
        [3, one.pid, one.pid, 'pinned', true],
        [4, one.pid, one.pid, 'pinned', true],
        [5, other.pid, other.pid, 'pinned', true],
      ],
    );
    assert.equal(new Set(told.map(({ socket }) => socket.inode)).size, 5);
    assert.deepEqual(told[2]?.byPid, told[0]?.byPid);
    assert.deepEqual(told[4]?.byPidfd, told[1]?.byPidfd);
    await one.kill('SIGKILL');
    const { connections: ofOne, byPidfd } = await listening.next('exit');
    assert.deepEqual([ofOne, byPidfd.pidfdId], [[1, 3, 4], told[0]?.byPidfd?.pidfdId]);
  });

  it('are looked at afresh when they come later', async () => {
    await using listening = await Listening.start(['--explain', path]);
    await using peer = await Peer.start();
    await peer.do('connect', path);
    await listening.next('connection');
    await peer.do('title', 'renamed');
    await peer.do('connect', path);
    const later = await listening.next('connection');
    assert.deepEqual([later.byPid?.comm, isOfAnother(later)], ['renamed', false]);
  });

  it('have each the credential of when it connected', async function () {
    requireThat(this, isRoot, 'another group id takes root');
    await using listening = await Listening.start([path]);
    await using peer = await Peer.start();
    const told = await connections(listening, 3, async () => {
      await peer.do('connect', path);
      await peer.do('setegid', 54321);
      await peer.do('connect', path);
      await peer.do('connect', path);
    });
    assert.deepEqual(
      told.map(({ credential, byPid }) => [credential?.gid, byPid?.gids?.effective]),
      [
        [0, 54321],
        [54321, 54321],
        [54321, 54321],
      ],
    );
  });

  it('are of a process that has ended, whose end is told once', async () => {
    await using listening = await Listening.start([path]);
    await using peer = await Peer.start();
    const told = await connections(listening, 3, async () => {
      for (let number = 0; number < 3; number++) await peer.do('connect', path);
      await peer.exit(7);
    });
    assert.deepEqual(
      told.map(({ verdict }) => verdict),
      ['exited', 'exited', 'exited'],
    );
    assert.deepEqual((await listening.next('exit')).connections, [1, 2, 3]);
  });
});
