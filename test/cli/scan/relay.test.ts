import assert from 'node:assert/strict';

import { requirePrograms } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Service } from '../../helpers/peers/service.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { scanJson } from '../../helpers/running/scan-json.js';

describe('a client that speaks for others', () => {
  it('is said to be a relay, by whoever it is connected to and in JSON', async function () {
    requirePrograms(this, 'socat');
    using directory = new TemporaryDirectory();
    const [path, pool] = [directory.file('db.sock'), directory.file('pool.sock')];
    await using server = await Peer.start();
    const listener = await server.number('listen', path);
    await using _relay = await Service.start(['socat', `UNIX-LISTEN:${pool},fork`, `UNIX-CONNECT:${path}`], {
      listensAt: pool,
    });
    await using client = await Peer.start();
    await client.do('connect', pool);
    await server.do('accept', listener);
    const { sockets } = await scanJson(['--socket', path]);
    const accepted = sockets.find(({ address, state }) => address === path && state === 'connected');
    const found = accepted?.findings.find(({ id }) => id === 'peer-is-relay');
    assert.ok(found !== undefined);
    assert.equal(found.severity, 'info');
    assert.match(
      found.text,
      /^It runs \S+\/socat, which passes on what comes at another socket: it may speak for others, .*--pid \d+` shows/,
    );
    const { stdout } = await runPeerpid(['scan', '--columns', 'client,remarks', '--socket', path]);
    assert.match(stdout, /^socat \d+ +client is a relay$/m);
    const others = await runPeerpid(['scan', '--columns', 'client,remarks', '--socket', pool]);
    assert.match(others.stdout, /^\(listens\) +relay$/m);
    assert.match(others.stdout, new RegExp(`^\\S+ ${client.pid} +-$`, 'm'));
  });
});
