import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';

import type { InspectDocument } from '../../../src/document/inspect-document.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Listening } from '../../helpers/running/listening.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

const nobody = 65534;
const asNobody = ['setpriv', '--reuid', String(nobody), '--regid', String(nobody), '--clear-groups'];

describe('a user who is not privileged', () => {
  before(function () {
    requirePrograms(this, 'setpriv');
    requireThat(this, isRoot, 'becoming another user takes root');
  });

  /** A server of root's to which everybody may connect. */
  async function withServer(look: (server: Peer, path: string, fd: number) => Promise<void>): Promise<void> {
    using directory = new TemporaryDirectory();
    chmodSync(directory.path, 0o755);
    const path = directory.file('socket');
    await using server = await Peer.start();
    const fd = await server.number('listen', path);
    chmodSync(path, 0o777);
    await look(server, path, fd);
  }

  it("pins root's server, and each fact that only root sees says so", async () => {
    await withServer(async (server, path) => {
      const { stdout, status } = await runPeerpid(['inspect', '--json', path], { wrapper: asNobody });
      const document = JSON.parse(stdout) as InspectDocument;
      assert.equal(document.verdict, 'pinned');
      assert.equal(status, 0);
      assert.equal(document.byPidfd?.pid, server.pid);
      assert.equal(document.byPidfd.comm, document.byPid?.comm);
      assert.deepEqual(document.holders, []);
      for (const fact of ['exe', 'cwd', 'namespaces']) {
        assert.equal(document.unavailable.find((row) => row.fact === `byPidfd.${fact}`)?.code, 'EACCES', fact);
      }
      assert.ok(document.unavailable.some(({ fact }) => fact === 'holders.notSeen'));
      // A holder that may not be seen is not one that is not there
      assert.ok(!document.findings.some(({ id }) => id === 'holder-differs'));
    });
  });

  it('is told in the table that root would see more', async () => {
    await withServer(async (_server, path) => {
      const { stdout, status } = await runPeerpid(['inspect', path], { wrapper: asNobody });
      assert.equal(status, 0);
      assert.match(stdout, /^executable +not permitted \(EACCES\)/m);
      assert.match(
        stdout,
        /^not seen +Not permitted: executable, directory, inside, namespaces\. Holders: .* Root sees more/m,
      );
    });
  });

  it("may not duplicate a descriptor of root's: one line and what to do", async () => {
    await withServer(async (server, _path, fd) => {
      const { stdout, stderr, status } = await runPeerpid(['inspect', `/proc/${server.pid}/fd/${fd}`], {
        wrapper: asNobody,
      });
      assert.equal(stdout, '');
      assert.equal(status, 1);
      assert.match(stderr, new RegExp(`may not duplicate a descriptor of process ${server.pid}\n.*run as root`));
    });
  });

  it("pins root's client, and is told its exit status by the kernel", async () => {
    using directory = new TemporaryDirectory();
    chmodSync(directory.path, 0o777);
    const path = directory.file('socket');
    await using listening = await Listening.start(['--once', path], { wrapper: asNobody });
    await using client = await Peer.start();
    await client.do('connect', path);
    const { verdict, credential } = await listening.next('connection');
    assert.equal(verdict, 'pinned');
    assert.deepEqual([credential?.pid, credential?.uid], [client.pid, 0]);
    await client.exit(7);
    const { byPidfd } = await listening.next('exit');
    assert.deepEqual(byPidfd.exitStatus, { code: 7 });
  });
});
