import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

import type { ScannedSocketDocument } from '../../../src/document/scan-document.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Python } from '../../helpers/peers/python.js';
import { churn, swapper } from '../../helpers/programs/churn.js';
import { built, bundled } from '../../helpers/running/program-root.js';
import { rowsAt, scanJson } from '../../helpers/running/scan-json.js';

/** What is wrong with a row, of which all peers and holders have names that begin so. */
function* wrongIn(row: ScannedSocketDocument, names: RegExp): Generator<string> {
  const { verdict, credential, byPid, byPidfd, holders } = row;
  for (const { comm = '' } of holders) if (!names.test(comm)) yield `held by ${comm}`;
  if (byPidfd?.comm !== undefined && !names.test(byPidfd.comm)) yield `pinned is ${byPidfd.comm}`;
  if (verdict === 'pinned' && (byPid?.pidfdId === undefined || byPid.pidfdId !== byPidfd?.pidfdId)) {
    yield `pinned, and byPid is ${byPid?.pidfdId ?? 'nobody'}`;
  }
  if (verdict === 'pinned' && byPid?.pid !== credential?.pid) yield `pinned, and byPid is number ${byPid?.pid ?? ''}`;
  if (verdict === 'exited' && byPid !== null) yield 'exited, and somebody has the number';
}

describe('scan while everything changes', () => {
  let room: Room;

  before(async function () {
    requirePrograms(this, 'python3', 'unshare', 'nsenter');
    requireThat(this, isRoot, 'namespaces take root');
    room = await Room.make();
  });

  after(async () => {
    await room[Symbol.asyncDispose]();
  });

  it('processes and sockets that come and go: never a wrong row, and nothing to complain of', async () => {
    const name = freshName().slice(1);
    await using _churn = await Python.start(churn, room.enter, name);
    let rows = 0;
    for (let time = 0; time < 20; time++) {
      const { sockets, notSeen } = await scanJson([], { wrapper: room.enter });
      assert.deepEqual([notSeen.processes, notSeen.reasons], [[], []]);
      const churned = sockets.filter(({ holders }) => holders.some(({ comm = '' }) => comm.startsWith('churn')));
      rows += churned.length;
      assert.deepEqual(
        churned.flatMap((row) => [...wrongIn(row, /^(churn-|python3)/)]),
        [],
      );
    }
    assert.ok(rows >= 20, `${rows}`);
  }).timeout(40_000);

  it('descriptors that become other files: each row is of the socket that it names', async () => {
    const name = freshName();
    await using _swapper = await Python.start(swapper, room.enter, name.slice(1));
    for (let time = 0; time < 10; time++) {
      const document = await scanJson([], { wrapper: room.enter });
      const [listener] = rowsAt(document, name);
      assert.deepEqual([listener?.state, listener?.verdict], ['listening', 'pinned']);
      const held = document.sockets.filter(({ holders }) => holders.some(({ comm = '' }) => comm.startsWith('swap')));
      assert.ok(held.length >= 3);
      assert.deepEqual(
        held.flatMap((row) => [...wrongIn(row, /^swap/)]),
        [],
      );
    }
  }).timeout(30_000);

  it('peerpid is not shown as a holder of what it duplicates for an instant', async () => {
    await using other = await Room.make();
    const name = freshName();
    for (let client = 0; client < 30; client++) {
      if (client === 0) await other.init.do('listen', name, 'stream', 64);
      await other.init.do('connect', name);
    }
    for (let time = 0; time < 5; time++) {
      const { sockets } = await scanJson([], { wrapper: other.enter });
      const others = sockets.flatMap(({ holders }) => holders.filter(({ pid }) => pid !== other.init.ownPid));
      assert.deepEqual(
        others.filter(({ fds }) => fds.some((fd) => fd > 2)),
        [],
      );
    }
  });

  it('ends in peace while its second thread still loads', () => {
    const load = JSON.stringify(built('src/scanning/survey/second-thread.js'));
    const worker = JSON.stringify(`file://${bundled('survey-worker.cjs')}`);
    for (let delay = 16; delay <= 40; delay += 4) {
      const script = `const { startSecondThread } = await import(${load}); startSecondThread(new URL(${worker})); setTimeout(() => undefined, ${delay});`;
      execFileSync(process.execPath, ['--input-type=module', '-e', script], { stdio: 'pipe' });
    }
  }).timeout(60_000);
});
