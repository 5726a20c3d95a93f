import assert from 'node:assert/strict';

import { mostRecords } from '../../../src/buses/bus-limits.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { BusClient, startBus } from '../../helpers/peers/bus.js';
import { publicDirectory } from '../../helpers/peers/service.js';
import { bus } from '../../helpers/running/bus.js';

/** More than the records of a connection that are kept, and than calls that wait at a time. */
const many = 200;

describe('peerpid bus, of a process with many connections', () => {
  before(function () {
    requirePrograms(this, 'dbus-daemon', 'python3');
  });

  it('has all connections, and of each some of the records that may be its', async () => {
    using directory = publicDirectory();
    await using _daemon = await startBus(directory);
    await using client = await BusClient.start(directory.file('bus'));
    await client.again(many - 1);
    const { document, status } = await bus(directory.file('bus'), ['--timeout', '20']);
    assert.equal(status, 0);
    assert.equal(document.connections.length, many);
    assert.deepEqual(document.unnamed, []);
    for (const { kernel, kernelCount, credentials, text } of document.connections) {
      assert.deepEqual([kernel.length, kernelCount, credentials?.pid], [mostRecords.alike, many, client.pid]);
      assert.match(text, /By the kernel, it still is\.$/);
    }
  });
});
