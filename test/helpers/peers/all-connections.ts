import type { Room } from '../machine/room.js';
import { freshName } from './connected.js';
import type { Peer } from './peer.js';

/** Servers of a room, for scans that are compared. */
export interface ServersOfRoom {
  /** The listener's descriptor in the room's first process. */
  readonly listener: number;
  /** Has a client make connections of all kinds: accepted, waiting, to itself, and to a datagram socket. */
  readonly connect: (client: Peer) => Promise<void>;
}

/**
 * Has a room's first process listen, and receive datagrams; and another process listen to the same name in a network
 * namespace of its own.
 *
 * @param start - a peer in the room
 * @param path - of the datagram socket
 */
export async function serveInRoom(
  room: Room,
  start: (...wrapper: string[]) => Promise<Peer>,
  path: string,
): Promise<ServersOfRoom> {
  const name = freshName();
  const listener = await room.init.number('listen', name);
  await room.init.do('listen', path, 'dgram');
  await (await start('unshare', '--net')).do('listen', name);
  return {
    listener,
    connect: async (client) => {
      await client.do('connect', name);
      await room.init.do('accept', listener);
      await client.do('socketpair', 'seqpacket');
      await client.do('connect', path, 'dgram');
      // Not accepted
      await client.do('connect', name);
    },
  };
}
