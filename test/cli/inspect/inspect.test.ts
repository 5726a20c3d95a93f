import assert from 'node:assert/strict';

import type { InspectDocument } from '../../../src/document/inspect-document.js';
import { kernelGives, requireKernel } from '../../helpers/machine/kernel-gives.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Listening } from '../../helpers/running/listening.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

describe('peerpid inspect', () => {
  it('pins the process that listens', async function () {
    await requireKernel(this, 'a pidfd of a peer');
    using directory = new TemporaryDirectory();
    const path = directory.file('socket');
    await using server = await Peer.start();
    await server.do('listen', path);
    const { status, stdout } = await runPeerpid(['inspect', '--json', path]);
    const document = JSON.parse(stdout) as InspectDocument;
    assert.equal(status, 0);
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.credential?.pid, server.pid);
    assert.equal(document.byPidfd?.pid, server.pid);
    assert.deepEqual(document.byPid, document.byPidfd);
  });
});

describe('peerpid listen', () => {
  it('tells a connection, its end and how its process ended', async function () {
    await requireKernel(this, 'a pidfd of a peer');
    using directory = new TemporaryDirectory();
    const path = directory.file('socket');
    await using listening = await Listening.start(['--once', path]);
    await using client = await Peer.start();
    await client.do('connect', path);
    const { verdict, credential } = await listening.next('connection');
    assert.equal(verdict, 'pinned');
    assert.equal(credential?.pid, client.pid);
    await client.exit(7);
    const { byPidfd, pid } = await listening.next('exit');
    assert.equal(pid, client.pid);
    const told = await kernelGives('exit statuses (PIDFD_GET_INFO)');
    assert.deepEqual(byPidfd.exitStatus, told ? { code: 7 } : null);
    assert.equal((await listening.next('summary')).connections, 1);
  });
});
