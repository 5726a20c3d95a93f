import assert from 'node:assert/strict';

import { requirePrograms } from '../../helpers/machine/requirements.js';
import { Connected } from '../../helpers/peers/connected.js';
import { shutDown } from '../../helpers/peers/shut-down.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { type Row, scan, type Scanned, socketInode } from '../../helpers/running/scan.js';

describe('what scan says of closed directions', () => {
  let both: Connected;
  let accepted: number;

  before(function () {
    requirePrograms(this, 'perl');
  });

  prepareEach(async (keep) => {
    both = keep(await Connected.start());
    accepted = Number(both.accepted.split('/').at(-1));
  });

  const service = (scanned: Scanned): Row => scanned.of(both.server, accepted);

  /** shutdown(2) of one end shows at the other end as the other direction. */
  const cases = [
    { direction: 'send', here: ['send'], there: ['receive'] },
    { direction: 'receive', here: ['receive'], there: ['send'] },
    { direction: 'both', here: ['receive', 'send'], there: ['receive', 'send'] },
  ] as const;

  for (const { direction, here, there } of cases) {
    it(`shutdown(2), ${direction}: here ${here.join(' and ')}, at the other end ${there.join(' and ')}`, async () => {
      await shutDown(both.server, accepted, direction);
      const scanned = await scan();
      assert.deepEqual(service(scanned).shutdown, here);
      const client = scanned.otherEnd(service(scanned));
      assert.deepEqual(client.shutdown, there);
      for (const { verdict, state } of [service(scanned), client]) {
        assert.deepEqual([verdict, state], ['pinned', 'connected']);
      }
    });
  }

  it('close(2): both directions, and there is no other end, but still a credential', async () => {
    const inode = socketInode(both.client, both.clientFd);
    await both.client.do('close', both.clientFd);
    const scanned = await scan();
    const row = service(scanned);
    assert.deepEqual([row.state, row.shutdown, row.peerInode], ['connected', ['receive', 'send'], undefined]);
    assert.equal(
      scanned.document.sockets.find((one) => one.inode === inode),
      undefined,
    );
    assert.deepEqual([row.verdict, row.credential?.pid], ['pinned', both.client.pid]);
    assert.equal(row.recordedBy, 'connect(2)');
  });

  it('of a listener that was shut down: nobody may connect to it any more', async () => {
    const listener = await both.server.number('listen', `@peerpid-test-${process.pid}-shutdown`);
    const open = (await scan()).of(both.server, listener);
    assert.ok(open.findings.some(({ id }) => id === 'open-to-all'));
    await shutDown(both.server, listener, 'both');
    const row = (await scan()).of(both.server, listener);
    assert.deepEqual([row.state, row.shutdown], ['listening', ['receive', 'send']]);
    assert.ok(!row.findings.some(({ id }) => id === 'open-to-all'));
  });
});
