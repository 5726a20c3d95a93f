import assert from 'node:assert/strict';
import { chownSync } from 'node:fs';

import { acceptedBy, childrenOf } from '../helpers/machine/connections.js';
import { isRoot, requirePrograms, requireThat } from '../helpers/machine/requirements.js';
import { Peer } from '../helpers/peers/peer.js';
import { asUser, nobody, publicDirectory, Service } from '../helpers/peers/service.js';
import { findingIds, inspect } from '../helpers/running/inspect.js';
import { runPeerpid } from '../helpers/running/run-peerpid.js';
import { waitFor } from '../helpers/wait-for.js';

const wrapper = asUser(nobody);

describe('peerpid as a user without privileges', () => {
  before(function () {
    requireThat(this, isRoot, 'needs root, to be another user');
    requirePrograms(this, 'setpriv', 'socat');
  });

  it('still pins the service of another user, and says what root would see', async () => {
    using directory = publicDirectory();
    const path = directory.file('socket');
    const command = ['socat', `UNIX-LISTEN:${path},fork,mode=666`, 'EXEC:cat'];
    await using server = await Service.start(command, { listensAt: path });
    const document = await inspect(path, { wrapper });
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.credential?.pid, server.pid);
    assert.equal(document.byPidfd?.comm, 'socat');
    assert.equal(document.byPidfd.exe, undefined);
    assert.deepEqual(document.holders, []);
    for (const fact of ['byPid.exe', 'byPidfd.exe', 'byPidfd.cwd', 'byPidfd.namespaces']) {
      assert.equal(document.unavailable.find((one) => one.fact === fact)?.code, 'EACCES', fact);
    }
    assert.ok(document.unavailable.some(({ fact }) => fact === 'holders.notSeen'));
    assert.match((await inspect(path)).byPidfd?.exe ?? '', /\/socat/, 'root sees the program');

    const { stdout } = await runPeerpid(['inspect', path], { wrapper });
    assert.match(stdout, /^executable +not permitted \(EACCES\)$/m);
    assert.match(stdout, /Root sees more \(CAP_SYS_PTRACE\)/);
  });

  it('sees all of a service of its own', async () => {
    await using server = await Peer.start({ uid: nobody, gid: nobody });
    const name = `@peerpid-test-own-${server.pid}`;
    await server.do('listen', name);
    const document = await inspect(name, { wrapper });
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.credential?.uid, nobody);
    assert.equal(document.byPidfd?.exe, process.execPath);
    assert.deepEqual(
      document.holders?.map(({ pid }) => pid),
      [server.pid],
    );
  });

  it('tells a service of its own that handed its socket over from one that shares it', async () => {
    using directory = publicDirectory();
    chownSync(directory.path, nobody, nobody);
    const path = directory.file('socket');
    const command = [...wrapper, 'socat', `UNIX-LISTEN:${path},fork`, 'EXEC:sleep 60'];
    await using server = await Service.start(command, { listensAt: path });
    await using client = await Peer.start({ uid: nobody, gid: nobody });
    const fd = await client.number('connect', path);
    await waitFor('a child serves', () => childrenOf(server.pid).some((child) => acceptedBy(child, path).length > 0));
    await waitFor('its parent lets go', () => acceptedBy(server.pid, path).length === 0);
    const document = await inspect(`/proc/${client.pid}/fd/${fd}`, { wrapper });
    assert.equal(document.credential?.pid, server.pid);
    // It is socat
    assert.deepEqual(findingIds(document), ['peer-is-relay', 'holder-differs']);
  });

  it('says why it may not connect, and who may', async () => {
    using directory = publicDirectory();
    const path = directory.file('socket');
    await using _server = await Service.start(['socat', `UNIX-LISTEN:${path},fork,mode=600`, 'EXEC:cat'], {
      listensAt: path,
    });
    const { status, stderr, stdout } = await runPeerpid(['inspect', path], { wrapper });
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /^peerpid: you may not connect to .*\/socket\n {2}hint: Its mode is 0600 root root: only root/,
    );
  });

  it('says that it takes the right to trace to look into another process', async () => {
    await using other = await Peer.start();
    const [fd = 0] = (await other.do('socketpair')) as number[];
    const { status, stderr } = await runPeerpid(['inspect', `/proc/${other.pid}/fd/${fd}`], { wrapper });
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`you may not duplicate a descriptor of process ${other.pid}\n.*run as root`));
  });
});
