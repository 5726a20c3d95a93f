import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';

import { CgroupDirectory } from '../../helpers/machine/cgroup-directory.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Connected } from '../../helpers/peers/connected.js';
import { inspect, whyUnavailable } from '../../helpers/running/inspect.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

const id = 'f75aff467357c5d0ddd47cb7ad87ed38746e018992586ff66198a5c11218f634';

/** No docker: a server of HTTP at its socket, which answers what docker does. */
class EngineStub implements AsyncDisposable {
  readonly asked: (string | undefined)[] = [];
  readonly #directory = new TemporaryDirectory();
  readonly #server: Server;
  /** Runs a command where the socket is the engine's. */
  readonly wrapper: readonly string[];

  private constructor(answer: (() => { status: number; body: string }) | undefined) {
    this.#server = createServer((request, response) => {
      this.asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
      if (answer === undefined) return;
      const { status, body } = answer();
      response.writeHead(status).end(body);
    });
    const mount = 'mount --bind "$0" /run && exec "$@"';
    this.wrapper = ['unshare', '--mount', 'sh', '-c', mount, this.#directory.path];
  }

  /** @param answer - undefined for none at all */
  static async start(answer: (() => { status: number; body: string }) | undefined): Promise<EngineStub> {
    const stub = new EngineStub(answer);
    stub.#server.listen(stub.#directory.file('docker.sock'));
    await once(stub.#server, 'listening');
    return stub;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    this.#directory[Symbol.dispose]();
  }
}

const ok = (of: object) => () => ({ status: 200, body: JSON.stringify(of) });
const web = { Id: id, Name: '/web', Config: { Image: 'nginx:1.27' } };

describe('names of containers', () => {
  before(function () {
    requirePrograms(this, 'unshare');
    requireThat(this, isRoot, 'needs root, for a /run of its own');
  });

  async function inContainer(
    context: Mocha.Context,
    unit: string,
    engine: EngineStub,
    look: (socket: string, options: { wrapper: string[] }) => Promise<void>,
  ): Promise<void> {
    using cgroup = CgroupDirectory.make(context, unit);
    await using both = await Connected.start();
    cgroup.add(both.client.pid);
    await look(both.accepted, { wrapper: [...engine.wrapper] });
  }

  it('are asked of the engine, once', async function () {
    await using engine = await EngineStub.start(ok(web));
    await inContainer(this, `docker-${id}.scope`, engine, async (socket, options) => {
      const { byPid, byPidfd } = await inspect(socket, options);
      assert.deepEqual(byPidfd?.container, { runtime: 'docker', id, name: 'web', image: 'nginx:1.27' });
      assert.deepEqual(byPid, byPidfd);
      assert.deepEqual(engine.asked, [`GET /containers/${id}/json`]);
      const { stdout } = await runPeerpid(['inspect', socket], options);
      assert.match(stdout, /docker web \(f75aff467357\)/);
      assert.match(stdout, /^image +nginx:1\.27$/m);
    });
  });

  it('are made harmless', async function () {
    await using engine = await EngineStub.start(ok({ ...web, Name: '/\u001b[2Jx' }));
    await inContainer(this, `docker-${id}.scope`, engine, async (socket, options) => {
      const { stdout } = await runPeerpid(['inspect', socket], options);
      assert.match(stdout, /docker \\x1b\[2Jx \(f75aff467357\)/);
      assert.ok(!stdout.includes('\u001b'));
    });
  });

  for (const [what, unit, args] of [
    ['with --no-connect', `docker-${id}.scope`, ['--no-connect']],
    ['below a user’s manager', `user@1000.service/docker-${id}.scope`, []],
    ['of another process', 'app.service', []],
  ] as const) {
    it(`are not asked for ${what}`, async function () {
      await using engine = await EngineStub.start(ok(web));
      await inContainer(this, unit, engine, async (socket, options) => {
        const { byPidfd } = await inspect([...args, socket], options);
        assert.ok(!('name' in (byPidfd?.container ?? {})));
        assert.deepEqual(engine.asked, []);
      });
    });
  }

  for (const [what, answer, reason] of [
    ['has none of that id', () => ({ status: 404, body: '{"message":"no such container"}' }), undefined],
    ['fails', () => ({ status: 500, body: '' }), /it answered with HTTP status 500$/],
    ['answers for another', ok({ ...web, Id: id.replace('f', 'e') }), /it answered for another container$/],
    ['sends no JSON', () => ({ status: 200, body: 'no' }), /not valid JSON/],
    ['sends without end', () => ({ status: 200, body: 'x'.repeat(2 ** 21) }), /longer than 1048576 bytes$/],
    ['does not answer', undefined, /given up: it does not answer$/],
  ] as const) {
    it(`are missing, and nothing else is, where the engine ${what}`, async function () {
      await using engine = await EngineStub.start(answer);
      await inContainer(this, `docker-${id}.scope`, engine, async (socket, options) => {
        const document = await inspect(socket, options);
        assert.deepEqual(document.byPidfd?.container, { runtime: 'docker', id });
        const why = whyUnavailable(document, 'byPidfd.container.name');
        if (reason === undefined) assert.equal(why, undefined);
        else assert.match(why ?? '', reason);
      });
    });
  }
}).timeout(60_000);
