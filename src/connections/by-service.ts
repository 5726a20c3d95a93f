import { processKey } from '../document/process-key.js';
import type { ScannedSocketDocument } from '../document/scan-document.js';
import type { HolderDocument } from '../document/socket-document.js';
import { type ConnectionFacts, remainingEnd, hasClosedEnd } from './connection-facts.js';
import { isConnected } from './connection-kinds.js';
import type { Connection } from './connections.js';

type Row = ScannedSocketDocument;

/** What is bound to one name, and all that is connected to it. */
export interface Service {
  readonly address: string;
  /** One of its own sockets: the listener or receiver, or where there is none an accepted end; none where that is closed. */
  readonly socket: Row | undefined;
  /** The listener or receiver itself, too, in their order. */
  readonly connections: readonly Connection[];
}

/** Connections by the name that they were made to; those of sockets that have none apart. */
export interface Services {
  readonly named: readonly Service[];
  readonly unnamed: readonly Connection[];
}

/** Brings together what is bound to one name and what is connected to it, each where its first connection is. */
export function servicesOf(connections: readonly Connection[]): Services {
  const named = new Map<string, { address: string; socket: Row | undefined; connections: Connection[] }>();
  const unnamed: Connection[] = [];
  for (const connection of connections) {
    const { service, client, kind } = connection;
    const address = service === undefined ? client?.peerAddress : service.address;
    if (address === undefined) {
      unnamed.push(connection);
      continue;
    }
    const key = serviceKey(service ?? client, address);
    const known = named.get(key);
    if (known === undefined) named.set(key, { address, socket: service, connections: [connection] });
    else {
      known.connections.push(connection);
      if (known.socket === undefined || kind === 'listener') known.socket = service;
    }
  }
  return { named: [...named.values()], unnamed };
}

/**
 * The same for what is bound to a name and for what is connected to that. A file is one, wherever it is connected to; a
 * name without a file is one in its network namespace. unix(7)
 */
export function serviceKey(row: Row | undefined, address: string): string {
  const file = row?.address === address ? row.boundInode : undefined;
  const place = file === undefined ? `${row?.networkNamespace ?? ''}` : `${file.device} ${file.inode}`;
  return `${row?.type ?? ''} ${place} ${address}`;
}

/**
 * Who serves: of those that have the listener open first who is seen to have accepted, and last a systemd(1), which opens
 * sockets for others. Where only that has it open, also who has what was accepted.
 */
export function serversOf({ socket, connections }: Service): readonly HolderDocument[] {
  const holders = socket?.holders ?? [];
  const areOthers = holders.every(opensForOthers);
  if (holders.length < 2 && !areOthers) return holders;
  const accepted = new Map<string, HolderDocument>();
  for (const { kind, service } of connections) {
    if (kind === 'connection') for (const holder of service?.holders ?? []) accepted.set(processKey(holder), holder);
  }
  const all = areOthers ? new Map([...accepted, ...holders.map((one) => [processKey(one), one] as const)]) : undefined;
  const rank = (holder: HolderDocument): number =>
    opensForOthers(holder) ? 2 : accepted.has(processKey(holder)) ? 0 : 1;
  return [...(all?.values() ?? holders)].sort((one, other) => rank(one) - rank(other));
}

/** A systemd(1), or systemd-socket-activate(1) in as many characters as a name has. */
function opensForOthers({ comm = '' }: HolderDocument): boolean {
  return comm === 'systemd' || comm === 'systemd-socket-';
}

/** How many clients a service has, and of whom. */
export interface Clients {
  readonly number: number;
  readonly waiting: number;
  /** Those that have closed their end, while the service keeps its own. */
  readonly closed: number;
  /** By uid, undefined where it is not known: who have the most first. */
  readonly byUser: readonly (readonly [uid: number | undefined, number: number])[];
}

/** Counts clients by the effective user of who has their end open; where nobody was seen to, by the one that is recorded. */
export function clientsOf(connections: readonly Connection[], facts: ConnectionFacts): Clients {
  const users = new Map<number | undefined, number>();
  let [number, waiting, closed] = [0, 0, 0];
  for (const connection of connections.filter(isConnected)) {
    const { kind, service, client } = connection;
    number++;
    if (kind === 'waiting') waiting++;
    if (remainingEnd(connection, 'client') !== undefined) closed++;
    const [holder] = client?.holders ?? [];
    const uid = (holder && facts.uidOf(holder)) ?? recordedUid(service);
    users.set(uid, (users.get(uid) ?? 0) + 1);
  }
  const byUser = [...users].sort(([one, a], [other, b]) => b - a || (one ?? Infinity) - (other ?? Infinity));
  return { number, waiting, closed, byUser };
}

function recordedUid(service: Row | undefined): number | undefined {
  return service?.recordedBy === 'connect(2)' ? service.credential?.uid : undefined;
}

/** What sockets without a name are. */
export interface Unnamed {
  /** Connections of which neither end has a name: socketpair(2). */
  readonly pairs: number;
  /** Ends of which the other one is closed. */
  readonly closed: number;
  /** Ends of which the other one was not seen. */
  readonly notSeen: number;
  readonly notConnected: number;
}

/** Counts what has no name. */
export function countUnnamed(connections: readonly Connection[]): Unnamed {
  let [pairs, closed, notSeen, notConnected] = [0, 0, 0, 0];
  for (const connection of connections) {
    const { kind, service, client } = connection;
    if (kind === 'unconnected') notConnected++;
    else if (service !== undefined && client !== undefined) pairs++;
    else if (hasClosedEnd(connection)) closed++;
    else notSeen++;
  }
  return { pairs, closed, notSeen, notConnected };
}
