import { chmodSync, rmSync } from 'node:fs';

import { Room } from '../machine/room.js';
import { TemporaryDirectory } from '../machine/temporary.js';
import { Peer } from './peer.js';

/**
 * Some of everything that scan's table tells apart, and nothing else, in a PID and network namespace of its own, as on a machine
 * that has one other network namespace: what anybody does outside of it changes nothing.
 */
export class ScanScene implements AsyncDisposable {
  readonly directory = new TemporaryDirectory();
  /** The pid of a client that has ended with status 7. */
  ended = 0;

  private constructor(
    readonly room: Room,
    private readonly elsewhere: Peer,
    /** Its `ownPid` is what peerpid says in there. */
    readonly server: Peer,
    readonly client: Peer,
  ) {}

  static async make(): Promise<ScanScene> {
    const room = await Room.make();
    const inside = { wrapper: room.enter };
    const elsewhere = await Peer.start({ wrapper: [...room.enter, 'unshare', '--net'] });
    const scene = new ScanScene(room, elsewhere, await Peer.start(inside), await Peer.start(inside));
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
    const gone = await Peer.start({ wrapper: this.room.enter });
    this.ended = gone.ownPid;
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
    await this.elsewhere[Symbol.asyncDispose]();
    await this.room[Symbol.asyncDispose]();
    this.directory[Symbol.dispose]();
  }
}
