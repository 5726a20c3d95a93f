import assert from 'node:assert/strict';

import type { ErrorDocument } from '../../../src/document/error-document.js';
import type { InspectDocument } from '../../../src/document/inspect-document.js';
import { requireKernel } from '../../helpers/machine/kernel-gives.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

describe('peerpid inspect of several sockets', () => {
  let directory: TemporaryDirectory;
  let server: Peer;
  let one: string;
  let receiver: string;
  let missing: string;

  before(async function () {
    await requireKernel(this, 'a pidfd of a peer');
  });

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    server = keep(await Peer.start());
    [one, receiver, missing] = [directory.file('one'), directory.file('receiver'), directory.file('missing')];
    await server.do('listen', one);
    await server.do('listen', receiver, 'dgram');
  });

  it('shows each under a line that names it, and errors where they come', async () => {
    const sockets = [one, missing, '@', receiver];
    const { stdout, stderr, status } = await runPeerpid(['inspect', '--no-connect', ...sockets]);
    const headings = stdout.split('\n').filter((line) => line.startsWith('==> '));
    assert.deepEqual(
      headings,
      sockets.map((socket) => `==> ${socket} <==`),
    );
    const alone = await runPeerpid(['inspect', '--no-connect', one]);
    assert.ok(stdout.startsWith(`==> ${one} <==\n${alone.stdout}\n==> ${missing} <==\n`), stdout);
    const problems = stderr.split('\n').filter((line) => line.startsWith('peerpid: '));
    assert.deepEqual(problems, [`peerpid: there is no socket at ${missing}`, 'peerpid: @ names nothing']);
    assert.equal(status, 3);
  });

  it('is a JSON document or error a line, as of one socket', async () => {
    const { stdout, stderr } = await runPeerpid(['inspect', '--json', one, missing, receiver, '@']);
    const lines = stdout.trimEnd().split('\n');
    const documents = lines.map((line) => JSON.parse(line) as Partial<InspectDocument & ErrorDocument>);
    assert.deepEqual(
      documents.map(({ socket, error }) => socket?.address ?? error?.code),
      [one, 'ENOENT', receiver, 'USAGE'],
    );
    assert.equal(stderr, '');
    const alone = JSON.parse((await runPeerpid(['inspect', '--json', one])).stdout) as InspectDocument;
    assert.deepEqual(Object.keys(documents[0] ?? {}), Object.keys(alone));
    assert.equal(documents[0]?.credential?.pid, server.pid);
  });

  it('ends with the worst, by the order 3, 4, 1, 2, 0', async () => {
    const statusOf = async (...sockets: string[]): Promise<number | null> =>
      (await runPeerpid(['inspect', ...sockets])).status;
    assert.deepEqual(
      await Promise.all([
        statusOf(one, one),
        statusOf(one, '@'),
        statusOf('@', missing, one),
        statusOf(receiver, missing, '@', one),
      ]),
      [0, 2, 1, 3],
    );
  });

  it('takes options for all, and steps of each', async () => {
    const { stdout } = await runPeerpid(['inspect', '--json', '--explain', '--connections', one, one]);
    for (const line of stdout.trimEnd().split('\n')) {
      const { evidence, connections } = JSON.parse(line) as {
        evidence: unknown[];
        connections: { sockets: unknown[] };
      };
      assert.ok(evidence.length > 0);
      assert.equal(connections.sockets.length, 1);
    }
  });
});
