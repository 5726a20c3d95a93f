import type { NotSeenDocument, ScannedSocketDocument } from '../document/scan-document.js';
import { endsOf, holdersOfEnds } from './connection-facts.js';
import type { Connection } from './connections.js';

/** What somebody sees who may not look into all processes. */
export interface OwnPart {
  /** Of which a holder was seen, at one end at least. */
  readonly connections: readonly Connection[];
  /** How many sockets all the others have. */
  readonly hidden: number;
}

/** Parts the connections of which a holder was seen from those that are of processes which only root may look into. */
export function ownPartOf(connections: readonly Connection[]): OwnPart {
  const own = connections.filter((connection) => holdersOfEnds(connection).length > 0);
  if (own.length === connections.length) return { connections, hidden: 0 };
  const shown = new Set<ScannedSocketDocument>(own.flatMap(endsOf));
  const hidden = new Set(connections.flatMap(endsOf).filter((row) => !shown.has(row)));
  return { connections: own, hidden: hidden.size };
}

/** Whether there are processes that may not be looked into, and may be the holders that were not seen. */
export function hasOthers({ processes, hidden, allProcesses }: NotSeenDocument): boolean {
  return !allProcesses && (hidden || processes.length > 0);
}
