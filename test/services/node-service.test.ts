import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';

import { peerOf } from '../../src/index.js';
import { isRoot, requirePrograms, requireThat } from '../helpers/machine/requirements.js';
import { readRepositoryFile } from '../helpers/pages.js';
import { asUser, nobody, publicDirectory, Service } from '../helpers/peers/service.js';
import { prepareEach } from '../helpers/prepare-each.js';
import { built } from '../helpers/running/program-root.js';
import { waitFor } from '../helpers/wait-for.js';

/** A service as a developer writes it: it lets in its own user alone. */
async function authenticate(request: IncomingMessage, response: ServerResponse): Promise<void> {
  using peer = peerOf(request.socket);
  const { credential } = peer;
  const allowed = peer.believed && peer.isAlive() && credential?.uid === process.geteuid?.();
  const { byPidfd } = await peer.describe();
  response.statusCode = allowed ? 200 : 403;
  response.end(`${peer.verdict} ${credential?.pid ?? '-'} ${credential?.uid ?? '-'} ${byPidfd?.comm ?? '-'}`);
}

interface RunningService extends Server {
  /** The requests that it has not done with: a client may have its answer before. */
  readonly atWork: ReadonlySet<Promise<void>>;
}

/** The service while it runs. */
async function startService(path: string): Promise<RunningService> {
  const atWork = new Set<Promise<void>>();
  const server = createServer((asked, response) => {
    const work = authenticate(asked, response).finally(() => atWork.delete(work));
    atWork.add(work);
  }).listen(path);
  await once(server, 'listening');
  chmodSync(path, 0o666);
  return Object.assign(server, {
    atWork,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

function curl(path: string, wrapper: readonly string[] = []): Promise<Service> {
  const flags = ['--silent', '--show-error', '--unix-socket', path, '--write-out', ' %{http_code}'];
  return Service.start([...wrapper, 'curl', ...flags, 'http://localhost/']);
}

async function request(path: string): Promise<number | undefined> {
  const [response] = (await once(get({ socketPath: path, agent: false }), 'response')) as [IncomingMessage];
  const closed = once(response.socket, 'close');
  response.resume();
  await closed;
  return response.statusCode;
}

/** Waits until the service has let go of its clients. @returns what is open then */
async function settled(server: RunningService): Promise<string[]> {
  await Promise.all(server.atWork);
  const connections = promisify<number>(server.getConnections.bind(server));
  let open = await connections();
  for (const deadline = Date.now() + 5000; open > 0 && Date.now() < deadline; open = await connections()) await turn();
  assert.equal(open, 0, 'connections that stay open');
  return openDescriptors().sort();
}

/** What this process has open: of each descriptor what it is, without numbers that differ each time. */
function openDescriptors(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).replace(/\d+/g, 'N');
    } catch {
      return [];
    }
  });
}

describe('a Node service that authenticates its clients with peerOf()', () => {
  it('lets its own user in', async function () {
    requirePrograms(this, 'curl');
    using directory = publicDirectory();
    const path = directory.file('http');
    await using _server = await startService(path);
    await using client = await curl(path);
    assert.equal(await client.status(), 0, client.log);
    assert.equal(client.log, `pinned ${client.pid} ${process.geteuid?.()} curl 200`);
  });

  it('refuses another user', async function () {
    requireThat(this, isRoot, 'needs root, to be another user');
    requirePrograms(this, 'curl', 'setpriv');
    using directory = publicDirectory();
    const path = directory.file('http');
    await using _server = await startService(path);
    await using client = await curl(path, asUser(nobody));
    assert.equal(await client.status(), 0, client.log);
    assert.equal(client.log, `pinned ${client.pid} ${nobody} curl 403`);
  });

  it('has nothing left open after 200 requests', async () => {
    using directory = publicDirectory();
    const path = directory.file('http');
    await using server = await startService(path);
    assert.equal(await request(path), 200);
    const before = await settled(server);
    for (let round = 0; round < 20; round++) {
      const statuses = await Promise.all(Array.from({ length: 10 }, () => request(path)));
      assert.deepEqual(new Set(statuses), new Set([200]));
    }
    assert.deepEqual(await settled(server), before);
  });
});

/** Connects, and waits for what comes of it: an answer, or the end. */
function client(path: string): Promise<ReturnType<typeof connect>> {
  const socket = connect(path);
  return new Promise((resolve) => {
    const done = (): void => {
      resolve(socket);
    };
    socket.on('error', done).on('close', done).once('readable', done);
  });
}

/** How many sockets a process has open. */
function socketsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => linkOf(`/proc/${pid}/fd/${fd}`).startsWith('socket:')).length;
}

/** Where a link leads; nothing where its descriptor is closed by then. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return '';
  }
}

describe("README's service", () => {
  let directory: ReturnType<typeof publicDirectory>;
  let path: string;
  let service: Service;

  prepareEach(async (keep) => {
    directory = keep(publicDirectory());
    path = directory.file('example');
    const [, example = ''] = /```js\n([^]*?)```/.exec(readRepositoryFile('README.md')) ?? [];
    const library = built('src/index.js');
    const program = directory.file('example.mjs');
    writeFileSync(program, example.replace("'peerpid'", `'${library}'`).replace('/tmp/example.sock', path));
    const limited = ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh', process.execPath, program];
    service = keep(await Service.start(limited, { listensAt: path }));
  });

  async function answers(): Promise<void> {
    assert.match(await text(connect(path)), new RegExp(`^You are ${process.pid}, and run /`), service.log);
    assert.equal(service.ended, false, service.log);
  }

  it('survives clients that do not wait for its answer', async () => {
    await answers();
    for (let round = 0; round < 100; round++) {
      const socket = connect(path);
      await once(socket, 'connect');
      socket.destroy();
    }
    await answers();
  });

  it('survives more clients than it has descriptors for', async () => {
    const before = socketsOf(service.pid);
    const held = await Promise.all(Array.from({ length: 100 }, () => client(path)));
    for (const socket of held) socket.destroy();
    // Until then it may have no descriptor for the next client, whom it does not answer
    await waitFor('the service has let go of its clients', () => socketsOf(service.pid) <= before);
    await answers();
  });
});
