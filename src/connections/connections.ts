import type { SocketType } from '../../native-probe/socket-kinds.js';
import type { ScannedSocketDocument } from '../document/scan-document.js';
import { severityRank } from '../verdict/finding.js';
import { gravity, gravityOf, leastGrave } from '../verdict/gravity.js';
import type { Verdict } from '../verdict/verdict.js';
import { verdictThatCounts } from './doubt.js';

type Row = ScannedSocketDocument;

/**
 * One line for a human: a connection with both its ends, or a socket without one. `waiting`: a client that its
 * listener has not accepted yet; `sender`: a datagram socket that is connected to a receiver.
 */
export interface Connection {
  readonly kind: 'connection' | 'waiting' | 'sender' | 'listener' | 'receiver' | 'unconnected';
  /** The end that was accepted, the listener, or the receiver; of a pair the one that was made first. */
  readonly service: Row | undefined;
  /** The end that connected. */
  readonly client: Row | undefined;
}

/** Brings the ends of each connection together, the worst first. There may be a hundred thousand sockets. */
export function connectionsOf(sockets: readonly Row[]): Connection[] {
  const byInode = new Map<number, Row>();
  const waiting = new Map<number, Row>();
  const listening = new Map<string | undefined, SocketType[]>();
  for (const row of sockets) {
    byInode.set(row.inode, row);
    if (row.state === 'listening') {
      const types = listening.get(row.address);
      if (types === undefined) listening.set(row.address, [row.type]);
      else types.push(row.type);
    }
    if (row.pending !== undefined) for (const { inode } of row.pending) waiting.set(inode, row);
  }
  const connections: Connection[] = [];
  for (const row of sockets) addLines(connections, row, { byInode, waiting, listening });
  return worstFirst(connections);
}

type Listening = ReadonlyMap<string | undefined, readonly SocketType[]>;

interface Rows {
  readonly byInode: ReadonlyMap<number, Row>;
  /** By the inode number of a waiting client, its listener. */
  readonly waiting: ReadonlyMap<number, Row>;
  /** By address, the types of the listening sockets there: a connected end with such an address was accepted there. */
  readonly listening: Listening;
}

/** Adds the lines of a row: none for the later-made end of a connection, which is in the other end's line. */
function addLines(lines: Connection[], row: Row, { byInode, waiting, listening }: Rows): void {
  const listener = waiting.get(row.inode);
  const other = byInode.get(row.peerInode ?? 0);
  if (listener !== undefined) lines.push({ kind: 'waiting', service: listener, client: row });
  else if (row.state === 'listening') lines.push({ kind: 'listener', service: row, client: undefined });
  else if (other?.peerInode === row.inode) {
    if (row.inode < other.inode) lines.push(paired(row, other, listening));
  } else if (row.type === 'dgram') lines.push(...ofDatagrams(row, other));
  else if (row.state === 'unconnected') lines.push({ kind: 'unconnected', service: row, client: undefined });
  // The other end is closed, or was not accepted yet by a listener that is not in the list
  else lines.push(isClient(row) ? oneEnd(undefined, row) : oneEnd(row, undefined));
}

function oneEnd(service: Row | undefined, client: Row | undefined): Connection {
  return { kind: 'connection', service, client };
}

function paired(one: Row, other: Row, listening: Listening): Connection {
  const oneIsClient = isClient(one);
  const reversed =
    oneIsClient === isClient(other) ? wasAccepted(other, listening) && !wasAccepted(one, listening) : oneIsClient;
  return reversed ? oneEnd(other, one) : oneEnd(one, other);
}

function wasAccepted({ type, address }: Row, listening: Listening): boolean {
  return listening.get(address)?.includes(type) === true;
}

/** Whether a connected end called connect(2): by what recorded its credential, or if unknown, by lack of an address. */
function isClient({ recordedBy, address }: Row): boolean {
  return recordedBy === undefined ? address === undefined : recordedBy === 'listen(2)';
}

/** The lines of a datagram socket: one as a sender to its receiver, one as a receiver of any number of senders. */
function ofDatagrams(row: Row, receiver: Row | undefined): Connection[] {
  const lines: Connection[] = [];
  if (receiver !== undefined || row.peerInode !== undefined || row.receiverClosed === true) {
    lines.push({ kind: 'sender', service: receiver, client: row });
  }
  if (row.address !== undefined) lines.push({ kind: 'receiver', service: row, client: undefined });
  else if (lines.length === 0) lines.push({ kind: 'unconnected', service: row, client: undefined });
  return lines;
}

/** The service's end, if its verdict is shown in this line: a listener's or a receiver's is shown in its own line. */
function judgedService({ kind, service }: Connection): Row | undefined {
  return kind === 'waiting' || kind === 'sender' ? undefined : service;
}

/** The ends whose verdict is shown in this line. */
export function judgedEnds(connection: Connection): readonly Row[] {
  return [judgedService(connection), connection.client].filter((end) => end !== undefined);
}

/** Whether an end whose verdict is shown in this line deceives its holder. */
export function deceivesSomebody(connection: Connection): boolean {
  return judgedService(connection)?.deceives === true || connection.client?.deceives === true;
}

/** The worse of the verdicts at the two ends; undefined where neither has one. */
export function verdictOf(connection: Connection): Verdict | undefined {
  const service = judgedService(connection);
  const one = service && verdictThatCounts(service);
  const other = connection.client && verdictThatCounts(connection.client);
  if (one === undefined || other === undefined) return one ?? other;
  return gravity[other] < gravity[one] ? other : one;
}

/** Thousands of connections share a rank and a name, so the few names are sorted and not all the connections. */
function worstFirst(connections: readonly Connection[]): Connection[] {
  const ranks: Map<string, Connection[]>[] = [];
  for (const connection of connections) {
    const names = (ranks[rankOf(connection)] ??= new Map<string, Connection[]>());
    const name = nameOf(connection);
    const alike = names.get(name);
    if (alike === undefined) names.set(name, [connection]);
    else alike.push(connection);
  }
  return ranks.flatMap((names) =>
    [...names].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).flatMap(([, alike]) => alike.sort(order)),
  );
}

/** A listener before its connections, and these by the PID of their client's first holder. */
function order(a: Connection, b: Connection): number {
  return kinds[a.kind] - kinds[b.kind] || clientPid(a) - clientPid(b);
}

const kinds: Readonly<Record<Connection['kind'], number>> = {
  listener: 0,
  receiver: 1,
  connection: 2,
  waiting: 3,
  sender: 4,
  unconnected: 5,
};

function clientPid({ client }: Connection): number {
  return client?.holders[0]?.pid ?? 0;
}

/** By which connections of one rank are sorted: the address, or without one the name of the first holder. */
function nameOf({ service, client }: Connection): string {
  const row = service ?? client;
  return row?.address ?? `~${row?.holders[0]?.comm ?? ''}`;
}

/** The lower, the worse: first what deceives somebody, by its verdict; then the rest, by its gravest finding. */
function rankOf(connection: Connection): number {
  const rank = gravityOf(verdictOf(connection));
  if (deceivesSomebody(connection)) return rank;
  const remark = Math.min(remarkOf(judgedService(connection)), remarkOf(connection.client));
  return (leastGrave + 1) * remark + rank;
}

function remarkOf(row: Row | undefined): number {
  let worst = severityRank.info;
  if (row !== undefined) for (const { severity } of row.findings) worst = Math.min(worst, severityRank[severity]);
  return 1 + worst;
}
