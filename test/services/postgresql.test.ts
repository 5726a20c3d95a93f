import assert from 'node:assert/strict';

import { acceptedBy, childrenOf, connectionOf } from '../helpers/machine/connections.js';
import { isRoot, requireThat } from '../helpers/machine/requirements.js';
import { Peer } from '../helpers/peers/peer.js';
import { PostgresqlServer } from '../helpers/peers/postgresql-server.js';
import { Service, signal } from '../helpers/peers/service.js';
import { findingIds, inspect } from '../helpers/running/inspect.js';
import { runPeerpid } from '../helpers/running/run-peerpid.js';
import { waitFor } from '../helpers/wait-for.js';

/** The backend that serves the one connection there is. */
async function backendOf(server: PostgresqlServer): Promise<number> {
  const serving = (): number | undefined =>
    childrenOf(server.pid).find((child) => acceptedBy(child, server.socket).length > 0);
  await waitFor('a backend serves the connection', () => serving() !== undefined);
  return serving() ?? 0;
}

async function withoutBackends(server: PostgresqlServer): Promise<void> {
  await waitFor('the backend ends', () =>
    childrenOf(server.pid).every((child) => acceptedBy(child, server.socket).length === 0),
  );
}

describe('peerpid and PostgreSQL with peer authentication', () => {
  let server: PostgresqlServer;

  before(async function () {
    PostgresqlServer.require(this);
    server = await PostgresqlServer.start();
  });

  after(async () => {
    await (server as PostgresqlServer | undefined)?.[Symbol.asyncDispose]();
  });

  it('names the postmaster, and is no more than a connection in its log', async () => {
    const before = server.log.length;
    const document = await inspect(['--connect', server.socket]);
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.credential?.pid, server.pid);
    assert.equal(document.credential.uid, server.uid);
    assert.equal(document.byPidfd?.comm, 'postgres');
    assert.equal(document.byPidfd.uids?.effective, server.uid);
    assert.equal(document.socket.mode, '0777');
    await server.service.logged('connection received: host=[local]');
    await withoutBackends(server);
    assert.match(server.log.slice(before).trim(), /^[^\n]*LOG: {2}connection received: host=\[local\]$/);
  });

  it('shows whom PostgreSQL saw when it refuses psql', async () => {
    await server.delayAuthentication(1);
    const command = ['psql', '--host', server.host, '--username', 'postgres', '--no-password', '--command', 'select 1'];
    await using psql = await Service.start(command, { env: { LC_ALL: 'C' } });
    const backend = await backendOf(server);
    // However slow this machine is, it answers psql only when peerpid has looked
    process.kill(backend, 'SIGSTOP');
    try {
      const document = await inspect(await connectionOf(backend, server.socket));
      assert.equal(document.verdict, 'pinned');
      assert.equal(document.credential?.pid, psql.pid);
      assert.equal(document.credential.uid, process.geteuid?.());
      assert.equal(document.byPidfd?.comm, 'psql');
    } finally {
      signal(backend, 'SIGCONT');
    }
    assert.notEqual(await psql.status(), 0);
    assert.match(psql.log, /Peer authentication failed for user "postgres"/);
    await server.delayAuthentication(0);
  });

  it('shows that PostgreSQL goes by the effective user of a setuid client', async function () {
    requireThat(this, isRoot, 'needs root, to take another effective uid');
    await using client = await Peer.start();
    await client.do('seteuid', server.uid);
    await client.do('connect', server.socket);
    const document = await inspect(await connectionOf(await backendOf(server), server.socket));
    assert.equal(document.credential?.pid, client.pid);
    assert.equal(document.credential.uid, server.uid);
    assert.equal(document.byPidfd?.uids?.real, 0);
    assert.ok(findingIds(document).includes('ids-differ'), JSON.stringify(document.findings));
    await client.exit();
    await withoutBackends(server);
  });

  it('shows the backend, to a client, as the postmaster that it was forked from', async () => {
    await using client = await Peer.start();
    const fd = await client.number('connect', server.socket);
    const backend = await backendOf(server);
    const document = await inspect(`/proc/${client.pid}/fd/${fd}`);
    assert.equal(document.credential?.pid, server.pid);
    assert.deepEqual(
      document.findings.map(({ id, severity }) => [id, severity]),
      [['holder-differs', 'info']],
    );
    const scanned = await runPeerpid(['scan', '--connections', '--no-truncate', '--strict', '--socket', server.socket]);
    assert.equal(scanned.status, 0, scanned.stdout);
    assert.match(scanned.stdout, new RegExp(`^pinned .* postgres ${backend} .* -$`, 'm'));
    assert.deepEqual(
      document.holders?.map(({ pid }) => pid),
      [backend],
    );
    await client.exit();
    await withoutBackends(server);
  });
});
