import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';

import { failedWith } from '../../../../native-probe/syscall-error.js';
import { connect, openSocket, socketInodeOf } from '../../../../native-probe/unix-socket.js';
import { inspect } from '../../../../src/inspection/inspect.js';
import { parseTarget } from '../../../../src/socket/address.js';
import { duplicateFromHolders } from '../../../../src/socket/opening/duplicate-from-holders.js';
import { openTarget } from '../../../../src/socket/opening/open-target.js';
import { Witness } from '../../../../src/words/evidence.js';
import { valueOf } from '../../../../src/words/reading.js';
import { verdictOf } from '../../../helpers/machine/kernel-gives.js';
import { freshName } from '../../../helpers/peers/connected.js';
import { Peer } from '../../../helpers/peers/peer.js';
import { prepareEach } from '../../../helpers/prepare-each.js';

function ownDescriptors(): string[] {
  return readdirSync('/proc/self/fd');
}

describe('a duplicate of a listening socket', () => {
  let server: Peer;
  let name: string;

  prepareEach(async (keep) => {
    server = keep(await Peer.start());
    name = freshName();
  });

  const look = async (): Promise<number[]> => {
    using opened = await openTarget(parseTarget(name), { timeout: 0, connect: 'never' }, Witness.silent());
    using inspected = inspect(opened, Witness.silent(), { holders: true });
    const { verdict } = await verdictOf('peer', 'pinned');
    assert.equal(inspected.facts.judgement.verdict, opened.facts.type === 'dgram' ? 'none' : verdict);
    return valueOf(inspected.facts.holders)?.found.map(({ pid }) => pid) ?? [];
  };

  for (const type of ['stream', 'dgram'] as const) {
    it(`is closed again (${type}), and is no holder`, async () => {
      await server.do('listen', name, type);
      await look();
      const before = ownDescriptors();
      for (let round = 0; round < 20; round++) assert.deepEqual(await look(), [server.pid]);
      assert.deepEqual(ownDescriptors(), before);
    });
  }

  it('does not keep a listener open that its process has closed', async () => {
    const fd = await server.number('listen', name);
    await look();
    await server.do('close', fd);
    using client = openSocket('stream');
    const { kind, ...address } = parseTarget(name);
    assert.ok(kind === 'abstract' && 'name' in address);
    const again = (): void => {
      connect(client, { kind, ...address });
    };
    assert.throws(again, (error) => failedWith(error, 'ECONNREFUSED'));
  });

  it('may be of a socket that we have open ourselves', async () => {
    await server.do('listen', name);
    using opened = await openTarget(parseTarget(name), { timeout: 0, connect: 'never' }, Witness.silent());
    assert.deepEqual((await look()).sort(), [server.pid, process.pid].sort());
    assert.equal(socketInodeOf(opened.socket ?? assert.fail()), valueOf(opened.facts.inode));
  });

  it('is taken of the socket that is wanted only, and of the process that was seen to hold it', async () => {
    const fd = await server.number('listen', name);
    const other = await server.number('socket');
    using opened = await openTarget(parseTarget(name), { timeout: 0, connect: 'never' }, Witness.silent());
    const inode = valueOf(opened.facts.inode) ?? 0;
    const [holder] = valueOf(opened.holders)?.found ?? [];
    assert.ok(holder);
    const before = ownDescriptors();
    const nobodyGave = { refused: [] };
    const steps = Witness.recording();
    for (const wrong of [
      { ...holder, fds: [other, 999] },
      { ...holder, fds: [await server.number('open', '/dev/null')] },
      { ...holder, pidfdId: (holder.pidfdId ?? 0n) + 1n },
      { ...holder, pid: 2 ** 22 - 1 },
    ]) {
      assert.deepEqual(duplicateFromHolders(inode, [wrong], steps), nobodyGave);
    }
    assert.deepEqual(ownDescriptors(), before);
    assert.ok(steps.evidence?.every(({ concluded }) => concluded === 'it has closed the socket in the meantime'));
    const found = duplicateFromHolders(
      inode,
      [
        { ...holder, fds: [other] },
        { ...holder, fds: [other, fd] },
      ],
      steps,
    );
    assert.ok('socket' in found);
    using socket = found.socket;
    assert.equal(socketInodeOf(socket), inode);
  });
});
