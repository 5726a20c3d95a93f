import assert from 'node:assert/strict';

import type { ScanDocument } from '../../../src/document/scan-document.js';
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
    const { stdout } = await runPeerpid(['scan', '--connections'], { wrapper: namespace.enter });
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

  it('is 0 for a daemon that forked after listen(2) and for its clients, but for one that asks and with --strict', async () => {
    const listener = await server.number('listen', '@app');
    const heir = await server.number('spawn', ['sleep', '60'], listener);
    assert.equal(await status('--strict'), 0);
    await server.exit();
    try {
      assert.equal(await status(), 0);
      assert.equal(await status('--strict'), 3);
      const { stdout } = await runPeerpid(['scan', '--connections'], { wrapper: namespace.enter });
      assert.match(stdout, /^exited +stream +@app .*\(listens\) .*listener: PID \d+, status 0/m);
      assert.match(stdout, /^credentials: exited 1\ndeceived by them: nobody who is known to rely on them$/m);
      const connected = await client.number('connect', '@app');
      assert.equal(await status(), 0);
      await client.do('setOption', connected, 'SO_PASSCRED', true);
      assert.equal(await status(), 3);
      assert.equal(await status('--listening'), 0);
    } finally {
      process.kill(heir, 'SIGKILL');
    }
  });

  it('is 0 for an ended listener that nobody holds, which waits in a message with its client', async () => {
    const listener = await server.number('listen', '@app');
    await client.do('connect', '@app');
    const [inner, outer] = [await client.number('listen', '@channel'), await server.number('connect', '@channel')];
    await client.do('accept', inner);
    await server.do('sendmsg', outer, 'here', { pass: [listener] });
    await server.exit();
    const { stdout } = await runPeerpid(['scan', '--json'], { wrapper: namespace.enter });
    const { sockets } = JSON.parse(stdout) as ScanDocument;
    const one = sockets.find(({ address, state }) => address === '@app' && state === 'listening');
    assert.deepEqual([one?.holders, one?.verdict], [[], undefined]);
    // The channel is what the client's process accepted from one that has ended
    assert.equal(await status('--socket', '@channel'), 3);
    assert.equal(await status('--socket', '@app'), 0);
    assert.equal(await status('--socket', '@app', '--strict'), 3);
  });
});
