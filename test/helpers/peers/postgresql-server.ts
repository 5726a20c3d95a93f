import { execFileSync } from 'node:child_process';
import { appendFileSync, chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { isRoot, requirePrograms } from '../machine/requirements.js';
import { asUser, nobody, publicDirectory, Service } from './service.js';

/** Debian keeps the server's programs out of PATH. */
function addToPath(): void {
  const versions = '/usr/lib/postgresql';
  const directories = existsSync(versions)
    ? readdirSync(versions).map((version) => join(versions, version, 'bin'))
    : [];
  process.env['PATH'] = [process.env['PATH'], ...directories].join(delimiter);
}

/** A PostgreSQL of the test's own with `peer` authentication, which root may not run: it is then the user nobody's. */
export class PostgresqlServer implements AsyncDisposable {
  readonly uid = isRoot ? nobody : (process.geteuid?.() ?? 0);
  readonly directory = publicDirectory();
  /** Where psql finds it, by `--host`. */
  readonly host = this.directory.file('run');
  readonly socket = join(this.host, '.s.PGSQL.5432');
  readonly #data = this.directory.file('data');
  #service: Service | undefined;

  static require(context: Mocha.Context): void {
    addToPath();
    requirePrograms(context, 'initdb', 'postgres', 'psql', 'setpriv');
  }

  static async start(): Promise<PostgresqlServer> {
    const server = new PostgresqlServer();
    try {
      await server.#start();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #start(): Promise<void> {
    for (const path of [this.host, this.#data]) {
      mkdirSync(path);
      if (isRoot) chownSync(path, this.uid, this.uid);
    }
    const wrapper = isRoot ? asUser(this.uid) : [];
    const [program, ...args] = [...wrapper, 'initdb', '--pgdata', this.#data, '--username', 'postgres'];
    execFileSync(program, [...args, '--auth', 'peer', '--no-sync', '--no-instructions', '--locale', 'C'], {
      stdio: 'pipe',
    });
    writeFileSync(join(this.#data, 'pg_hba.conf'), 'local all all peer\n');
    const settings = { listen_addresses: '', unix_socket_directories: this.host, log_connections: 'on', fsync: 'off' };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const command = [...wrapper, 'postgres', '-D', this.#data, ...options];
    this.#service = await Service.start(command, { listensAt: this.socket, stop: 'SIGINT' });
    await this.#service.logged('ready to accept connections');
  }

  get service(): Service {
    if (this.#service === undefined) throw new Error('PostgreSQL does not run');
    return this.#service;
  }

  get pid(): number {
    return this.service.pid;
  }

  get log(): string {
    return this.service.log;
  }

  /** Has each new backend wait so long before it looks at its client. */
  async delayAuthentication(seconds: number): Promise<void> {
    appendFileSync(join(this.#data, 'postgresql.conf'), `pre_auth_delay = ${seconds}\n`);
    process.kill(this.pid, 'SIGHUP');
    await this.service.logged(`"pre_auth_delay" changed to "${seconds}"`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service?.[Symbol.asyncDispose]();
    this.directory[Symbol.dispose]();
  }
}
