import assert from 'node:assert/strict';

import { acceptedBy, childrenOf, connectionOf } from '../helpers/machine/connections.js';
import { requirePrograms } from '../helpers/machine/requirements.js';
import { publicDirectory, Service } from '../helpers/peers/service.js';
import { findingIds, inspect } from '../helpers/running/inspect.js';
import { waitFor } from '../helpers/wait-for.js';

/** What makes socat hold a connection until it is killed. */
const hold = 'EXEC:sleep 60';

describe('peerpid and socat with fork', () => {
  before(function () {
    requirePrograms(this, 'socat');
  });

  it('shows a client the process that listens, although a child of it serves', async () => {
    using directory = publicDirectory();
    const path = directory.file('socket');
    await using server = await Service.start(['socat', `UNIX-LISTEN:${path},fork`, hold], { listensAt: path });
    await using client = await Service.start(['socat', `UNIX-CONNECT:${path}`, hold]);
    await waitFor('a child serves', () => childrenOf(server.pid).some((child) => acceptedBy(child, path).length > 0));
    const child = childrenOf(server.pid).find((one) => acceptedBy(one, path).length > 0) ?? 0;

    const seenByService = await inspect(await connectionOf(child, path));
    assert.equal(seenByService.recordedBy, 'connect(2)');
    assert.equal(seenByService.credential?.pid, client.pid);
    assert.equal(seenByService.verdict, 'pinned');

    const seenByClient = await inspect(`/proc/${client.pid}/fd/${clientDescriptor(seenByService, client.pid)}`);
    assert.equal(seenByClient.recordedBy, 'listen(2)');
    assert.equal(seenByClient.credential?.pid, server.pid);
    assert.equal(seenByClient.verdict, 'pinned');
    assert.ok(findingIds(seenByClient).includes('holder-differs'), JSON.stringify(seenByClient.findings));
    assert.deepEqual(
      seenByClient.holders?.filter(({ comm }) => comm === 'socat').map(({ pid }) => pid),
      [child],
    );
  });

  it('is one connection that ends, in the log', async () => {
    using directory = publicDirectory();
    const path = directory.file('socket');
    const command = ['socat', '-d', '-d', `UNIX-LISTEN:${path},fork`, 'EXEC:cat'];
    await using server = await Service.start(command, { listensAt: path });
    assert.equal((await inspect(['--connect', path])).credential?.pid, server.pid);
    await server.logged('exiting with status 0');
    assert.equal(server.log.match(/accepting connection/g)?.length, 1, server.log);
    assert.doesNotMatch(server.log, / [EW] /);
  });
});

/** Where the client holds its end: peerpid says so of the service's. */
function clientDescriptor(document: Awaited<ReturnType<typeof inspect>>, pid: number): number {
  return document.holders?.find((holder) => holder.pid === pid)?.fds[0] ?? -1;
}
