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

/** As many users as have room: `14: root 9, alice 3, +2 more`. @param room - columns; undefined for no limit */
export function clientsText({ number, users, more }: ClientsCell, room: number | undefined): string {
  if (users.length === 0) return number;
  for (let shown = users.length; shown > 0; shown--) {
    const left = users.length - shown + more;
    const text = `${number}: ${[...users.slice(0, shown), ...(left === 0 ? [] : [`+${left} more`])].join(', ')}`;
    if (room === undefined || columnsOf(text) <= room) return text;
  }
  return number;
}
