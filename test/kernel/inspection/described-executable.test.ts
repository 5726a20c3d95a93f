import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, copyFileSync, linkSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';

import { peerOf } from '../../../src/index.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';

describe('the executable of a client that a service has described', () => {
  /** What is found of a client whose executable, of this name, something happens to. */
  async function described(name: string, happen: (copy: string) => void): Promise<[exe?: string, findings?: string[]]> {
    using directory = new TemporaryDirectory();
    const copy = directory.file(name);
    copyFileSync(process.execPath, copy);
    chmodSync(copy, 0o755);
    const path = directory.file('service');
    const server = createServer().listen(path);
    await once(server, 'listening');
    await using client = await Peer.start({ node: copy });
    const connection = once(server, 'connection') as Promise<[Socket]>;
    await client.do('connect', path);
    const [socket] = await connection;
    try {
      happen(copy);
      using peer = peerOf(socket);
      const before = readdirSync('/proc/self/fd').length;
      const { byPidfd, findings } = await peer.describe();
      // Nobody was asked to open something, for which the event loop would wait
      assert.equal(readdirSync('/proc/self/fd').length, before);
      return [byPidfd?.exe?.replace(directory.path, ''), findings.map(({ id }) => id)];
    } finally {
      socket.destroy();
      server.close();
    }
  }

  it('is there', async () => {
    assert.deepEqual(await described('node', () => undefined), ['/node', []]);
  });

  it('was deleted, or replaced, which is not looked for', async () => {
    assert.deepEqual(await described('node', rmSync), ['/node', ['executable-deleted']]);
    const replaced = await described('node', (copy) => {
      copyFileSync('/bin/sh', `${copy}-upgrade`);
      renameSync(`${copy}-upgrade`, copy);
    });
    assert.deepEqual(replaced, ['/node', ['executable-deleted']]);
  });

  it('was deleted and has another name, or is called so: either may be', async () => {
    const linked = await described('node', (copy) => {
      linkSync(copy, `${copy}-other`);
      rmSync(copy);
    });
    assert.deepEqual(linked, ['/node (deleted)', ['executable-deleted']]);
    assert.deepEqual(await described('node (deleted)', () => undefined), ['/node (deleted)', ['executable-deleted']]);
  });
});
