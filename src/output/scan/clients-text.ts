import type { ConnectionFacts } from '../../connections/connection-facts.js';
import type { Clients, Service } from '../../connections/by-service.js';
import { mostNamed } from '../../words/few.js';
import { widestName } from '../who.js';
import { columnsOf, cut } from '../width.js';
import { nothing, userName } from './holder-cells.js';

/** What of a service's clients is told, before it is known how much room there is. */
export interface ClientsCell {
  /** `14 (2 waiting)` */
  readonly number: string;
  /** `root 9`, `alice 3`: at most {@link mostNamed}, and how many users there are besides. */
  readonly users: readonly string[];
  readonly more: number;
}

/** How many clients a service has, and of whom. */
export function clientsCell({ socket }: Service, clients: Clients, facts: ConnectionFacts): ClientsCell {
  const { number, waiting, closed, byUser } = clients;
  const isDatagram = socket?.type === 'dgram';
  const notes = [
    ...(isDatagram ? ['datagrams'] : []),
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    ...(closed > 0 ? [`${closed} closed`] : []),
  ];
  if (number === 0) {
    // Whoever sends without connecting is not seen
    const none = isDatagram ? 'datagrams' : socket?.state === 'unconnected' ? 'not listening' : nothing;
    return { number: none, users: [], more: 0 };
  }
  const users = byUser.slice(0, mostNamed).map(([uid, ofUser]) => {
    const name = uid === undefined ? '?' : cut(userName(uid, facts), widestName);
    return byUser.length === 1 ? name : `${name} ${ofUser}`;
  });
  const noted = notes.length === 0 ? '' : ` (${notes.join(', ')})`;
  return { number: `${number}${noted}`, users, more: byUser.length - users.length };
}

/**
 * `14: root 9, alice 3`, in as many lines as the room takes: of whom the clients are matters more than a short list.
 *
 * @param room - columns; undefined for no limit
 */
export function clientsLines({ number, users, more }: ClientsCell, room: number | undefined): readonly string[] {
  if (users.length === 0) return [number];
  const named = [...users, ...(more === 0 ? [] : [`+${more} users`])];
  const lines: string[] = [];
  let line = `${number}:`;
  named.forEach((one, index) => {
    const part = index === named.length - 1 ? one : `${one},`;
    if (room !== undefined && columnsOf(`${line} ${part}`) > room) {
      lines.push(line);
      line = `  ${part}`;
    } else line = `${line} ${part}`;
  });
  return [...lines, line];
}
