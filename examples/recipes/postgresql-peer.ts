import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';

import type { Scene } from '../scene.js';
import type { Stage } from '../stage.js';
import { until } from '../until.js';

const directory = '/run/postgresql';

/** Runs a command to its end. */
function asPostgres(command: readonly string[]): void {
  execFileSync('setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', ...command], { stdio: 'ignore' });
}

/** A PostgreSQL with `peer` authentication, where Debian's listens. */
export async function startPostgresql(stage: Stage, pid: number): Promise<void> {
  execFileSync('install', ['-d', '-o', 'postgres', '-g', 'postgres', directory, '/tmp/data']);
  asPostgres(['initdb', '-D', '/tmp/data', '-U', 'postgres', '--auth=peer', '--no-sync', '--locale=C']);
  writeFileSync('/tmp/data/pg_hba.conf', 'local all all peer\n');
  const settings = ['-c', 'listen_addresses=', '-c', `unix_socket_directories=${directory}`];
  const command = ['postgres', '-D', '/tmp/data', ...settings];
  await stage.program(command, () => existsSync(`${directory}/.s.PGSQL.5432`), { pid, user: 'postgres' });
}

/** Lets a user of this name in, with a database of its own. */
export function createRole(name: string): void {
  const statements = ['-c', `create role ${name} login`, '-c', `create database ${name} owner ${name}`];
  asPostgres(['psql', '-h', directory, ...statements]);
}

export const postgresqlPeer: Scene = {
  needs: ['postgres', 'initdb', 'psql'],
  async play(stage) {
    await startPostgresql(stage, 711);
    await stage.type('psql -U postgres', { user: 'alice', says: /Peer authentication failed for user "postgres"/ });
    const probe = '/tmp/.s.PGSQL.5432';
    const listening = stage.begin(`peerpid listen --once ${probe}`, {
      user: 'alice',
      keep: [/^psql/, /by PID/, /^pid /, /^command {2}/, /^user at/, /^group at/],
    });
    await until('it listens', () => existsSync(probe));
    await stage.type('PGCONNECT_TIMEOUT=2 psql -h /tmp -U postgres', { user: 'alice', says: /timeout expired/ });
    await listening;
  },
};
