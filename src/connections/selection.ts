import type { ScanDocument, ScannedSocketDocument } from '../document/scan-document.js';
import { ConnectionFacts, endsOf } from './connection-facts.js';
import { type Connection, connectionsOf } from './connections.js';
import type { Criterion } from './criteria.js';
import { summaryOf } from './summary.js';

/** What of a scan is shown. */
export interface Selection {
  /** With the sockets of these connections only, and their summary; all else is as in the whole scan. */
  readonly document: ScanDocument;
  /** The worst first. */
  readonly connections: readonly Connection[];
  readonly facts: ConnectionFacts;
  /** Whether there is nothing of what was named, whatever the other criteria are. */
  readonly nothingNamed: boolean;
}

/** Which connections are wanted. */
export interface Wanted {
  /** Those that name sockets or processes: who names what there is not wants to know. */
  readonly named: readonly Criterion[];
  /** Those that may well choose nothing, such as a verdict. */
  readonly others: readonly Criterion[];
}

/** The part of a scan that meets every criterion: whole connections, each with both its ends. */
export function selectFrom(
  document: ScanDocument,
  { named, others }: Wanted,
  userName: (uid: number) => string | undefined,
): Selection {
  const facts = new ConnectionFacts(document, userName);
  const all = connectionsOf(document.sockets);
  if (named.length + others.length === 0) return { document, connections: all, facts, nothingNamed: false };
  const ofThose = all.filter((connection) => named.every((meets) => meets(connection, facts)));
  const connections = ofThose.filter((connection) => others.every((meets) => meets(connection, facts)));
  const nothingNamed = named.length > 0 && ofThose.length === 0;
  const chosen = new Set<ScannedSocketDocument>(connections.flatMap(endsOf));
  const sockets = document.sockets.filter((row) => chosen.has(row));
  return { document: { ...document, sockets, summary: summaryOf(sockets) }, connections, facts, nothingNamed };
}
