import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';

import type { ListenEvent } from '../../src/document/listen-event.js';
import { assertProblem } from '../helpers/assert-problem.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { Peer } from '../helpers/peers/peer.js';
import { type Outcome, outcomeOf, startPeerpid } from '../helpers/running/run-peerpid.js';

/** Runs it with this on standard input. */
async function fed(input: Buffer, ...args: string[]): Promise<Outcome> {
  const child = startPeerpid(args);
  child.stdin.write(input);
  return outcomeOf(child);
}

describe('standard input', () => {
  it('is sent as it is, down to its last newline and to bytes that are no text', async () => {
    using directory = new TemporaryDirectory();
    const path = directory.file('socket');
    const server = createServer().listen(path);
    try {
      await once(server, 'listening');
      const sent = Buffer.concat([Buffer.from(' \n'), Buffer.from([0, 0x80, 0xff]), Buffer.from('\n\n')]);
      const connected = once(server, 'connection') as Promise<[Socket]>;
      const outcome = fed(sent, 'send', path);
      const [socket] = await connected;
      assert.deepEqual(await buffer(socket), sent);
      assert.equal((await outcome).stdout, `sent ${sent.length} bytes (stream)\n`);
    } finally {
      server.close();
    }
  });

  it('that cannot be read is no bug: nohup(1) leaves one', async () => {
    using directory = new TemporaryDirectory();
    const path = directory.file('socket');
    await using server = await Peer.start();
    await server.do('listen', path);
    await assertProblem(
      ['send', path],
      { status: 1, message: /^standard input cannot be read \(EBADF\)$/, hint: /nohup/ },
      { wrapper: ['sh', '-c', 'exec "$@" 0>/dev/null', 'sh'] },
    );
  });

  it('is not taken for the SOCKET that inspect lacks', async () => {
    const { status, stdout, stderr } = await fed(Buffer.from('/run/from-stdin.sock\n'), 'inspect');
    assert.equal(status, 2, stdout + stderr);
  });

  it('is not taken for the SOCKET that listen makes up', async () => {
    const { stdout } = await fed(Buffer.from('@peerpid-from-stdin\n'), 'listen', '--json', '--timeout', '0.1');
    const event = JSON.parse(stdout.split('\n')[0] ?? '') as Extract<ListenEvent, { event: 'listening' }>;
    assert.match(event.socket.address ?? '', /peerpid-\d+\.sock$/);
  });
});
