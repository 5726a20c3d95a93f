import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';

import { peerOf } from '../../../src/index.js';
import { hostileProgram } from '../../helpers/hostile/hostile.js';

describe('a service whose client sleeps in the middle of execve(2)', () => {
  const program = hostileProgram('exec-hang');
  let server: Server;
  let path: string;

  beforeEach(async () => {
    path = program.directory.file('service');
    server = createServer().listen(path);
    await once(server, 'listening');
    chmodSync(path, 0o666);
  });

  afterEach(() => {
    server.close();
  });

  /** Whoever connects, described, and how many turns the event loop has made meanwhile. */
  async function describeNext(timeout: number): Promise<{ document: unknown; turns: number }> {
    const [socket] = (await once(server, 'connection')) as [Socket];
    using peer = peerOf(socket);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const document = await peer.describe({ timeout });
    clearInterval(timer);
    socket.destroy();
    return { document, turns };
  }

  it('goes on with its event loop, and with other clients', async function () {
    const first = once(server, 'connection') as Promise<[Socket]>;
    await using client = await program.start(this, path, 'connect');
    const [socket] = await first;
    await client.logged('FLUSH');
    using peer = peerOf(socket);
    assert.equal(peer.verdict, 'pinned');
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const documents = await Promise.all(Array.from({ length: 60 }, () => peer.describe({ timeout: 200 })));
    clearInterval(timer);
    // On a busy machine there are few; a loop that is held up has none
    assert.ok(turns > 2, `${turns} turns of the event loop`);
    for (const { verdict, byPidfd, findings, unavailable } of documents) {
      assert.equal(verdict, 'pinned');
      assert.equal(byPidfd?.uids?.effective, peer.credential?.uid);
      assert.ok(unavailable.some(({ fact, reason }) => fact === 'byPidfd.exe' && reason.includes('execve(2)')));
      assert.ok(findings.some(({ id, text }) => id === 'unreadable' && text.includes('execve(2)')));
    }
    const other = connect(path);
    const described = await describeNext(60_000);
    assert.ok(JSON.stringify(described.document).includes(`"exe":${JSON.stringify(process.execPath)}`));
    other.destroy();
    socket.destroy();
  });

  it('is not held up either by one that begins while it is looked at', async function () {
    const clients = [];
    try {
      for (let count = 0; count < 6; count++) {
        const described = describeNext(200);
        clients.push(await program.start(this, path, 'connect'));
        const { document } = await described;
        assert.equal((document as { verdict: string }).verdict, 'pinned');
      }
    } finally {
      for (const client of clients) await client[Symbol.asyncDispose]();
    }
  });
});
