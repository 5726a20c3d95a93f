import type { Clients, Service } from '../../connections/by-service.js';
import type { ConnectionFacts } from '../../connections/connection-facts.js';
import { mostNamed } from '../../words/few.js';
import { noBreak } from '../fold.js';
import { widestName } from '../who.js';
import { cut } from '../width.js';
import { nothing, userName } from './holder-cells.js';

/** How many clients a service has, and of whom: `14 (2 waiting): root 9, alice 3`, with {@link noBreak} in what stays together. */
export function clientsText({ socket }: Service, clients: Clients, facts: ConnectionFacts): string {
  const { number, waiting, closed, byUser } = clients;
  const isDatagram = socket?.type === 'dgram';
  // Whoever sends without connecting is not seen
  if (number === 0) return isDatagram ? 'datagrams' : socket?.state === 'unconnected' ? 'not listening' : nothing;
  const notes = [
    ...(isDatagram ? ['datagrams'] : []),
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    ...(closed > 0 ? [`${closed} closed`] : []),
  ];
  const users = byUser.slice(0, mostNamed).map(([uid, ofUser]) => {
    const name = uid === undefined ? '?' : cut(userName(uid, facts), widestName);
    return byUser.length === 1 ? name : `${name} ${ofUser}`;
  });
  const more = byUser.length - users.length;
  const named = [...users, ...(more === 0 ? [] : [`+${more} users`])];
  const noted = notes.length === 0 ? '' : ` (${notes.join(', ')})`;
  const parts = [`${number}${noted}:`, ...named.map((one, index) => (index === named.length - 1 ? one : `${one},`))];
  return parts.map((part) => part.replaceAll(' ', noBreak)).join(' ');
}
