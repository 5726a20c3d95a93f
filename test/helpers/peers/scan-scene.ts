import { chmodSync, rmSync } from 'node:fs';

import { NetworkNamespace } from '../machine/network-namespace.js';
import { TemporaryDirectory } from '../machine/temporary.js';
import { Peer } from './peer.js';

/** Some of everything that scan's table tells apart, and nothing else, in a network namespace of its own. */
export class ScanScene implements AsyncDisposable {
  readonly directory = new TemporaryDirectory();
  /** The pid of a client that has ended with status 7. */
  ended = 0;

  private constructor(
    readonly namespace: NetworkNamespace,
    readonly server: Peer,
    readonly client: Peer,
  ) {}

  static async make(): Promise<ScanScene> {
    const namespace = await NetworkNamespace.make();
    const inside = { wrapper: namespace.enter };
    const scene = new ScanScene(namespace, await Peer.start(inside), await Peer.start(inside));
    try {
      await scene.#set();
      return scene;
    } catch (error) {
      await scene[Symbol.asyncDispose]();
      throw error;
    }
  }

  get log(): string {
    return this.directory.file('log');
  }

  get deleted(): string {
    return this.directory.file('deleted');
  }

  async #set(): Promise<void> {
    const { server, client } = this;
    const gone = await Peer.start({ wrapper: this.namespace.enter });
    this.ended = gone.pid;
    const app = await server.number('listen', '@app');
    await gone.do('connect', '@app');
    await server.do('accept', app);
    await gone.exit(7);
    await client.do('bindAndConnect', '@of-client', '@app');
    await server.do('accept', app);
    await client.do('connect', '@app');
    await server.do('listen', this.deleted, 'seqpacket');
    rmSync(this.deleted);
    await server.do('listen', this.log, 'dgram');
    chmodSync(this.log, 0o600);
    await client.do('connect', this.log, 'dgram');
    await client.do('socket');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
    await this.namespace[Symbol.asyncDispose]();
    this.directory[Symbol.dispose]();
  }
}
