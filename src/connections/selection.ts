import type { ScanDocument, ScannedSocketDocument } from '../document/scan-document.js';
import { processKey } from '../document/process-key.js';
import { ConnectionFacts, endsOf, processesIn } from './connection-facts.js';
import { type Connection, connectionsOf } from './connections.js';
import type { Criterion } from './criteria.js';
import { summaryOf } from './summary.js';

/** What of a scan is shown. */
export interface Selection {
  /** With the sockets of these connections only, their processes and their summary; all else is as in the whole scan. */
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

/**
 * The part of a scan that meets every criterion: whole connections, each with both its ends.
 *
 * @param asked - the sockets that were asked, where those that are not named were not
 */
export function selectFrom(
  document: ScanDocument,
  { named, others }: Wanted,
  userName: (uid: number) => string | undefined,
  asked?: ReadonlySet<number>,
): Selection {
  const facts = new ConnectionFacts(processesIn(document), userName);
  const all = connectionsOf(document.sockets);
  if (named.length + others.length === 0) return { document, connections: all, facts, nothingNamed: false };
  const looked = asked === undefined ? all : all.filter((one) => endsOf(one).every(({ inode }) => asked.has(inode)));
  const ofThose = looked.filter((connection) => named.every((meets) => meets(connection, facts)));
  const connections = ofThose.filter((connection) => others.every((meets) => meets(connection, facts)));
  const nothingNamed = named.length > 0 && ofThose.length === 0;
  const chosen = new Set<ScannedSocketDocument>(connections.flatMap(endsOf));
  const sockets = document.sockets.filter((row) => chosen.has(row));
  const part = { sockets, processes: processesOf(sockets, document.processes), summary: summaryOf(sockets) };
  return { document: { ...document, ...part }, connections, facts, nothingNamed };
}

/** Those that a row tells of. */
function processesOf(
  sockets: readonly ScannedSocketDocument[],
  processes: ScanDocument['processes'],
): ScanDocument['processes'] {
  const told = new Set(
    sockets.flatMap(({ byPid, byPidfd, holders }) =>
      [byPid, byPidfd, ...holders].flatMap((one) => (one ? processKey(one) : [])),
    ),
  );
  return processes.filter((process) => told.has(processKey(process)));
}
