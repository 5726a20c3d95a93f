import assert from 'node:assert/strict';

import { NetworkNamespace, requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

describe('the exit status of peerpid scan', () => {
  let namespace: NetworkNamespace;
  let server: Peer;
  let client: Peer;

  before(function () {
    requireNetworkNamespaces(this);
  });

  prepareEach(async (keep) => {
    namespace = keep(await NetworkNamespace.make());
    server = keep(await Peer.start({ wrapper: namespace.enter }));
    client = keep(await Peer.start({ wrapper: namespace.enter }));
  });

  async function status(...args: string[]): Promise<number | null> {
    const statuses: (number | null)[] = [];
    for (const how of [[], ['--long'], ['--json']]) {
      statuses.push((await runPeerpid(['scan', ...how, ...args], { wrapper: namespace.enter })).status);
    }
    assert.equal(new Set(statuses).size, 1, `with and without --long and --json: ${statuses.join()}`);
    return statuses[0] ?? null;
  }

  it('is 0 where there is nothing', async () => {
    assert.equal(await status(), 0);
    const { stdout } = await runPeerpid(['scan'], { wrapper: namespace.enter });
    assert.match(stdout, /^0 sockets: 0 connections, 0 listeners, 0 datagram receivers$/m);
  });

  it('is 0 where every PID may be believed, and for sockets that have none', async () => {
    const listener = await server.number('listen', '@app');
    await client.do('connect', '@app');
    await server.do('accept', listener);
    await client.do('connect', '@app');
    await client.do('socket', 'seqpacket');
    await server.do('listen', '@log', 'dgram');
    await client.do('connect', '@log', 'dgram');
    assert.equal(await status(), 0);
  });

  it('is 3 as long as the service holds what an ended client left, and 0 when it has closed it', async () => {
    const listener = await server.number('listen', '@app');
    await client.do('connect', '@app');
    const accepted = await server.number('accept', listener);
    assert.equal(await status(), 0);
    await client.exit();
    assert.equal(await status(), 3);
    assert.equal(await status('--no-audit'), 0);
    await server.do('close', accepted);
    assert.equal(await status(), 0);
  });

  it('is 3 for a listener of record that is dead', async () => {
    const listener = await server.number('listen', '@app');
    const heir = await server.number('spawn', ['sleep', '60'], listener);
    assert.equal(await status(), 0);
    await server.exit();
    try {
      assert.equal(await status(), 3);
    } finally {
      process.kill(heir, 'SIGKILL');
    }
  });
});
