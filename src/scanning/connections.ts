import type { Severity } from '../finding.js';
import type { Verdict } from '../verdict.js';
import type { ScannedSocketDocument } from './scan-document.js';
import { gravity, isDoubtful, leastGrave, verdictThatCounts } from './verdict-that-counts.js';

type Row = ScannedSocketDocument;

/** One line for a human: a connection with both its ends, or a socket that has none. */
export interface Connection {
  readonly kind: 'connection' | 'waiting' | 'sender' | 'listener' | 'receiver' | 'unconnected';
  /** The end that was accepted, the listener, or the receiver; of a pair the one that was made first. */
  readonly service: Row | undefined;
  /** The end that connected. */
  readonly client: Row | undefined;
}

/** Brings the ends of each connection together, the worst first. */
export function connectionsOf(sockets: readonly Row[]): Connection[] {
  const byInode = new Map(sockets.map((row) => [row.inode, row]));
  const waiting = new Map(
    sockets.flatMap((listener) => (listener.pending ?? []).map(({ inode }) => [inode, listener] as const)),
  );
  const listening = new Set(sockets.flatMap((row) => (row.state === 'listening' ? [nameAndType(row)] : [])));
  return worstFirst(
    sockets.flatMap((row) => {
      const listener = waiting.get(row.inode);
      if (listener !== undefined) return [{ kind: 'waiting', service: listener, client: row }];
      if (row.state === 'listening') return [{ kind: 'listener', service: row, client: undefined }];
      const other = byInode.get(row.peerInode ?? 0);
      if (other?.peerInode === row.inode) return row.inode < other.inode ? [paired(row, other, listening)] : [];
      if (row.type === 'dgram') return ofDatagrams(row, other);
      if (row.state === 'unconnected') return [{ kind: 'unconnected', service: row, client: undefined }];
      // The other end is closed, or of another network namespace
      return [isClient(row) ? oneEnd(undefined, row) : oneEnd(row, undefined)];
    }),
  );
}

function oneEnd(service: Row | undefined, client: Row | undefined): Connection {
  return { kind: 'connection', service, client };
}

/** @param listening - where somebody listens: an end that has such a name was accepted there */
function paired(one: Row, other: Row, listening: ReadonlySet<string>): Connection {
  const reversed =
    isClient(one) === isClient(other)
      ? listening.has(nameAndType(other)) && !listening.has(nameAndType(one))
      : isClient(one);
  return reversed ? oneEnd(other, one) : oneEnd(one, other);
}

function nameAndType({ type, address }: Row): string {
  return `${type} ${address ?? ''}`;
}

/** Whether a connected end is the one that called connect(2): what it sees was recorded by listen(2), and its name is its own. */
function isClient({ recordedBy, address }: Row): boolean {
  return recordedBy === undefined ? address === undefined : recordedBy === 'listen(2)';
}

/** A receiver has any number of senders, each of which has it at its other end. */
function ofDatagrams(row: Row, receiver: Row | undefined): Connection[] {
  const lines: Connection[] = [];
  // Nobody connects to one without a name: if it is connected itself, its receiver is closed by now
  const lost = row.address === undefined && row.state === 'connected';
  if (receiver !== undefined || row.peerInode !== undefined || lost) {
    lines.push({ kind: 'sender', service: receiver, client: row });
  }
  if (row.address !== undefined) lines.push({ kind: 'receiver', service: row, client: undefined });
  else if (lines.length === 0) lines.push({ kind: 'unconnected', service: row, client: undefined });
  return lines;
}

/** The ends whose verdict is shown in this line: a listener's is not that of the client which waits for it. */
export function judgedEnds({ kind, service, client }: Connection): readonly Row[] {
  const ends = kind === 'waiting' || kind === 'sender' ? [client] : [service, client];
  return ends.filter((end) => end !== undefined);
}

/** The worse of the two verdicts. */
export function verdictOf(connection: Connection): Verdict | undefined {
  let worst: Verdict | undefined;
  for (const end of judgedEnds(connection)) {
    const verdict = verdictThatCounts(end);
    if (verdict !== undefined && (worst === undefined || gravity[verdict] < gravity[worst])) worst = verdict;
  }
  return worst;
}

function worstFirst(connections: readonly Connection[]): Connection[] {
  return connections
    .map((connection) => ({ connection, rank: rankOf(connection), name: nameOf(connection) }))
    .sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ connection }) => connection);
}

/** What is alike stands together: by address, those without one by their first holder. */
function nameOf({ service, client }: Connection): string {
  const row = service ?? client;
  return row?.address ?? `~${row?.holders[0]?.comm ?? ''}`;
}

/** Less is worse: first what is not believed, by its verdict, then what has something to look at. */
function rankOf(connection: Connection): number {
  const verdict = verdictOf(connection);
  const rank = verdict === undefined ? leastGrave : gravity[verdict];
  const ends = judgedEnds(connection);
  if (ends.some(isDoubtful)) return rank;
  let remarkable = 3;
  for (const { findings } of ends) {
    for (const { severity } of findings) remarkable = Math.min(remarkable, remark[severity]);
  }
  return (leastGrave + 1) * remarkable + rank;
}

const remark: Readonly<Record<Severity, number>> = { danger: 1, warning: 2, info: 3 };
