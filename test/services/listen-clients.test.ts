import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';

import { isRoot, requirePrograms, requireThat } from '../helpers/machine/requirements.js';
import { Peer } from '../helpers/peers/peer.js';
import { PostgresqlServer } from '../helpers/peers/postgresql-server.js';
import { asUser, nobody, publicDirectory, Service } from '../helpers/peers/service.js';
import { findingIds } from '../helpers/running/inspect.js';
import { Listening } from '../helpers/running/listening.js';

describe('peerpid listen and the clients that administrators use', () => {
  it('shows socat, what it sends, and how it ends', async function () {
    requirePrograms(this, 'socat');
    using directory = publicDirectory();
    const path = directory.file('socket');
    await using listening = await Listening.start(['--count', '1', path]);
    await using client = await Service.start(['socat', 'SYSTEM:printf hello', `UNIX-CONNECT:${path}`]);
    const { verdict, credential, byPidfd } = await listening.next('connection');
    assert.equal(verdict, 'pinned');
    assert.equal(credential?.pid, client.pid);
    assert.equal(byPidfd?.comm, 'socat');
    assert.equal((await listening.next('disconnect')).bytes, 5);
    assert.equal(await client.status(), 0);
  });

  it('takes the place of PostgreSQL for psql, whose start-up packet it counts', async function () {
    PostgresqlServer.require(this);
    using directory = publicDirectory();
    await using listening = await Listening.start([directory.file('.s.PGSQL.5432')]);
    const command = ['psql', '--host', directory.path, '--username', 'app', '--dbname', 'app'];
    await using client = await Service.start(command, { env: { PGAPPNAME: 'peerpid-test', PGCONNECT_TIMEOUT: '60' } });
    const { credential, byPidfd, verdict } = await listening.next('connection');
    assert.equal(verdict, 'pinned');
    assert.equal(credential?.pid, client.pid);
    assert.equal(byPidfd?.comm, 'psql');
    await listening.next('message');
    // psql waits for an answer that does not come
    process.kill(client.pid, 'SIGKILL');
    assert.ok((await listening.next('disconnect')).bytes > 'user app database app'.length);
    assert.equal((await listening.stop()).status, 0);
  });

  it('shows curl, and how it was ended', async function () {
    requirePrograms(this, 'curl');
    using directory = publicDirectory();
    const path = directory.file('http');
    await using listening = await Listening.start(['--once', path]);
    await using client = await Service.start(['curl', '--silent', '--unix-socket', path, 'http://localhost/']);
    const { credential, byPidfd } = await listening.next('connection');
    assert.equal(credential?.pid, client.pid);
    assert.equal(byPidfd?.cmdline?.[0], 'curl');
    process.kill(client.pid, 'SIGTERM');
    const exit = await listening.next('exit');
    assert.equal(exit.pid, client.pid);
    assert.equal(exit.comm, 'curl');
    assert.deepEqual(exit.byPidfd.exitStatus, { signal: 'SIGTERM', coreDumped: false });
  });

  it('shows a client in Python', async function () {
    requirePrograms(this, 'python3');
    using directory = publicDirectory();
    const path = directory.file('socket');
    await using listening = await Listening.start(['--once', path]);
    const program = 'import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1]); sys.exit(3)';
    await using client = await Service.start(['python3', '-c', program, path]);
    const connection = await listening.next('connection');
    assert.equal(connection.credential?.pid, client.pid);
    assert.equal(await client.status(), 3);
    assert.deepEqual((await listening.next('exit')).byPidfd.exitStatus, { code: 3 });
  });

  it('tells the real from the effective user of a client that took another', async function () {
    requireThat(this, isRoot, 'needs root, to take another effective uid');
    using directory = publicDirectory();
    const path = directory.file('socket');
    await using listening = await Listening.start(['--once', path]);
    chmodSync(path, 0o777);
    await using client = await Peer.start();
    await client.do('seteuid', 1000);
    await client.do('connect', path);
    const connection = await listening.next('connection');
    assert.equal(connection.verdict, 'pinned');
    assert.equal(connection.credential?.uid, 1000);
    assert.deepEqual(connection.byPidfd?.uids, { real: 0, effective: 1000, saved: 0, fs: 1000 });
    assert.ok(findingIds(connection).includes('ids-differ'), JSON.stringify(connection.findings));
  });

  it('lets in whom the mode lets in', async function () {
    requireThat(this, isRoot, 'needs root, to be another user');
    requirePrograms(this, 'socat', 'setpriv');
    using directory = publicDirectory();
    const path = directory.file('socket');
    const connect = [...asUser(nobody), 'socat', '-u', 'SYSTEM:true', `UNIX-CONNECT:${path}`];
    await using listening = await Listening.start(['--count', '1', '--mode', '0660', path]);
    await using refused = await Service.start(connect);
    assert.equal(await refused.status(), 1);
    assert.match(refused.log, /Permission denied/);
    chmodSync(path, 0o666);
    await using client = await Service.start(connect);
    assert.equal((await listening.next('connection')).credential?.uid, nobody);
    assert.equal(await client.status(), 0);
  });
});
