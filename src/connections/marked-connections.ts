import type { ScannedSocketDocument } from '../document/scan-document.js';
import type { FieldChange } from './changed-fields.js';
import type { Connection } from './connections.js';
import type { Difference } from './difference.js';

/** What happened to a connection: it came, it went, or a field of one of its ends changed. */
export type Mark = '+' | '-' | '~';

/** A connection, and what happened to it since the scan before: `mark` is undefined where nothing did. */
export interface MarkedConnection {
  readonly connection: Connection;
  readonly mark: Mark | undefined;
  /** What changed at each of its own ends: empty unless the mark is `~`. */
  readonly changes: readonly EndChange[];
}

/** A field that changed at one end of a connection. */
export interface EndChange extends FieldChange {
  readonly end: 'service' | 'client';
  /** Whom this end's credential and pidfd name: the other end, or of a listening socket whoever called listen(2). */
  readonly peer: 'service' | 'client' | 'listener';
}

type Row = ScannedSocketDocument;

/**
 * The connections of a scan with their marks. Connections that went keep the
 * place that they had, so that the reader finds each line where it was.
 *
 * @param before - in the order in which they were shown
 * @param now - in the order in which they are to be shown
 */
export function markConnections(
  before: readonly Connection[],
  now: readonly Connection[],
  { came, changed }: Difference,
): MarkedConnection[] {
  const fresh = new Set(came.map(({ socket }) => socket.inode));
  const changes = new Map(changed.map((one) => [one.socket.inode, one.changes]));
  const lines = now.map((connection) => marked(connection, fresh, changes));
  return withGone(before, lines);
}

function marked(
  connection: Connection,
  fresh: ReadonlySet<number>,
  changes: ReadonlyMap<number, readonly FieldChange[]>,
): MarkedConnection {
  const ends = ownEnds(connection);
  const freshEnds = ends.filter(([, { inode }]) => fresh.has(inode)).length;
  if (freshEnds === ends.length) return { connection, mark: '+', changes: [] };
  const all = ends.flatMap(([end, { inode, state }]) => {
    const peer = state === 'listening' ? 'listener' : end === 'service' ? 'client' : 'service';
    return (changes.get(inode) ?? []).map((change) => ({ ...change, end, peer }) as const);
  });
  return { connection, mark: freshEnds > 0 || all.length > 0 ? '~' : undefined, changes: all };
}

/** The ends told in this line: not a waiting client's listener or a sender's receiver, which have their own lines. */
function ownEnds({ kind, service, client }: Connection): (readonly ['service' | 'client', Row])[] {
  const ends: (readonly ['service' | 'client', Row])[] = [];
  if (service !== undefined && kind !== 'waiting' && kind !== 'sender') ends.push(['service', service]);
  if (client !== undefined) ends.push(['client', client]);
  return ends;
}

function withGone(before: readonly Connection[], lines: readonly MarkedConnection[]): MarkedConnection[] {
  const there = new Set(lines.flatMap(({ connection }) => inodesOf(connection)));
  /** The connections that went, by an inode number of the line above them; undefined for the top. */
  const below = new Map<number | undefined, MarkedConnection[]>();
  let above: number | undefined;
  for (const connection of before) {
    const known = inodesOf(connection).find((inode) => there.has(inode));
    if (known !== undefined) {
      above = known;
      continue;
    }
    const gone = { connection, mark: '-', changes: [] } as const;
    const others = below.get(above);
    if (others === undefined) below.set(above, [gone]);
    else others.push(gone);
  }
  const placed = [...(below.get(undefined) ?? [])];
  for (const line of lines) {
    placed.push(line);
    for (const inode of inodesOf(line.connection)) placed.push(...(below.get(inode) ?? []));
  }
  return placed;
}

function inodesOf(connection: Connection): number[] {
  return ownEnds(connection).map(([, { inode }]) => inode);
}
