import assert from 'node:assert/strict';

import { NetworkNamespace, requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { scan } from '../../helpers/running/scan.js';

/** As sd-bus does: its clients are bound to names of their own. */
describe('clients that are bound to a name, in scan', () => {
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
    const listener = await server.number('listen', '@app');
    await client.do('bindAndConnect', '@client', '@app');
    await server.do('accept', listener);
  });

  for (const args of [[], ['--no-audit']]) {
    it(`stand in the column of clients: scan ${args.join(' ')}`, async () => {
      const { stdout } = await runPeerpid(['scan', '--connections', ...args], { wrapper: namespace.enter });
      const lines = stdout.split('\n').map((line) => line.split(/ {2,}/).slice(1, 6).join(' '));
      assert.ok(lines.includes(`stream @app root node ${server.pid} node ${client.pid}`), stdout);
    });
  }

  it('are not taken for what a listener of that name accepted in another network namespace', async function () {
    // Every socket of the machine is looked at
    this.timeout(60_000);
    await using elsewhere = await NetworkNamespace.make();
    await using other = await Peer.start({ wrapper: elsewhere.enter });
    await other.do('listen', '@client');
    const scanned = await scan([], { wrapper: namespace.enter, everywhere: true });
    const [row, ...more] = scanned.at('@client').filter(({ holders }) => holders.some(({ pid }) => pid === client.pid));
    assert.ok(row && more.length === 0);
    assert.equal(row.recordedBy, 'listen(2)');
    assert.equal(scanned.otherEnd(row).recordedBy, 'connect(2)');
    assert.deepEqual(
      scanned.at('@client').filter(({ holders }) => holders.some(({ pid }) => pid === other.pid)).length,
      1,
    );
  });
});
