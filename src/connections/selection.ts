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
}

/** The part of a scan that meets every criterion: whole connections, each with both its ends. */
export function selectFrom(
  document: ScanDocument,
  criteria: readonly Criterion[],
  userName: (uid: number) => string | undefined,
): Selection {
  const facts = new ConnectionFacts(document, userName);
  const all = connectionsOf(document.sockets);
  if (criteria.length === 0) return { document, connections: all, facts };
  const connections = all.filter((connection) => criteria.every((meets) => meets(connection, facts)));
  const chosen = new Set<ScannedSocketDocument>(connections.flatMap(endsOf));
  const sockets = document.sockets.filter((row) => chosen.has(row));
  return { document: { ...document, sockets, summary: summaryOf(sockets) }, connections, facts };
}
