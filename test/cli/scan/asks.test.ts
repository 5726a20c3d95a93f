import assert from 'node:assert/strict';

import type { PassOption } from '../../../native-probe/socket-kinds.js';
import { requireThat } from '../../helpers/machine/requirements.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { scan } from '../../helpers/running/scan.js';

const options = {
  SO_PASSCRED: ['cred', 'rights'],
  SO_PASSPIDFD: ['pidfd', 'rights'],
  SO_PASSSEC: ['sec', 'rights'],
} as const satisfies Record<string, readonly PassOption[]>;

/** The lines of the table that tell of an address, each cut into its cells. */
async function cellsOf(address: string): Promise<string[][]> {
  const { stdout } = await runPeerpid(['scan', '-a', '--own-namespace']);
  const lines = stdout.split('\n').map((line) => line.split(/ {2,}/));
  return lines.filter((cells) => cells.includes(address));
}

describe('what a service asks for, in scan', () => {
  let server: Peer;
  let client: Peer;
  let name: string;

  prepareEach(async (keep) => {
    server = keep(await Peer.start());
    client = keep(await Peer.start());
    name = freshName();
  });

  for (const [option, asks] of Object.entries(options)) {
    it(`${option} on a listener, on what it accepts, and on a receiver`, async () => {
      const listener = await server.number('listen', name);
      await server.do('setOption', listener, option, true);
      const connected = await client.number('connect', name);
      const accepted = await server.number('accept', listener);
      const receiver = await server.number('listen', `${name}-dgram`, 'dgram');
      await server.do('setOption', receiver, option, true);
      const scanned = await scan();
      for (const fd of [listener, accepted, receiver]) assert.deepEqual(scanned.of(server, fd).asks, asks);
      assert.deepEqual(scanned.of(client, connected).asks, ['rights']);
      for (const cells of [...(await cellsOf(name)), ...(await cellsOf(`${name}-dgram`))])
        assert.ok(cells.includes(asks[0]));
    });
  }

  it('what an accepted socket was told itself is its own', async () => {
    const listener = await server.number('listen', name);
    await client.do('connect', name);
    const accepted = await server.number('accept', listener);
    for (const option of Object.keys(options)) await server.do('setOption', accepted, option, true);
    const scanned = await scan();
    assert.deepEqual(scanned.of(server, listener).asks, ['rights']);
    assert.deepEqual(scanned.of(server, accepted).asks, ['cred', 'pidfd', 'sec', 'rights']);
    assert.deepEqual((await cellsOf(name)).map((cells) => cells[6]).sort(), ['-', 'cred pidfd sec']);
  });

  it('no-rights where no descriptors are taken', async function () {
    const receiver = await server.number('listen', name, 'dgram');
    try {
      await server.do('setOption', receiver, 'SO_PASSRIGHTS', false);
    } catch (error) {
      requireThat(this, !String(error).includes('ENOPROTOOPT'), 'SO_PASSRIGHTS came with Linux 6.16');
      throw error;
    }
    assert.deepEqual((await scan()).of(server, receiver).asks, []);
    assert.deepEqual(
      (await cellsOf(name)).map((cells) => cells[6]),
      ['no-rights'],
    );
    await server.do('setOption', receiver, 'SO_PASSCRED', true);
    assert.deepEqual((await scan()).of(server, receiver).asks, ['cred']);
    assert.deepEqual(
      (await cellsOf(name)).map((cells) => cells[6]),
      ['cred no-rights'],
    );
  });
});
