import { Peer, type PeerOptions } from './peer.js';

let made = 0;

/** An abstract name that no other test uses: it needs no directory that others may enter. */
export function freshName(): string {
  made += 1;
  return `@peerpid-test-${process.pid}-${made}`;
}

/** A server and a client of it, connected; to be looked at by the server's descriptor. */
export class Connected implements AsyncDisposable {
  private constructor(
    readonly server: Peer,
    readonly client: Peer,
    /** The client's end. */
    readonly clientFd: number,
    /** The server's end, as the server's own namespace names it: what peerpid is given. */
    readonly accepted: string,
  ) {}

  /** @param prepare - what the client does before it connects */
  static async start(
    options: { server?: PeerOptions; client?: PeerOptions; prepare?: (client: Peer) => Promise<unknown> } = {},
  ): Promise<Connected> {
    const name = freshName();
    const server = await Peer.start(options.server);
    let client: Peer | undefined;
    try {
      client = await Peer.start(options.client);
      const listener = await server.number('listen', name);
      await options.prepare?.(client);
      const clientFd = await client.number('connect', name);
      const fd = await server.number('accept', listener);
      return new Connected(server, client, clientFd, `/proc/${server.ownPid}/fd/${fd}`);
    } catch (error) {
      await server[Symbol.asyncDispose]();
      await client?.[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}
