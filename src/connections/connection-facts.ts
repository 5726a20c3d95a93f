import type { ProcessDocument } from '../document/process-document.js';
import { type ProcessKey, processKey } from '../document/process-key.js';
import type { ScanDocument, ScannedSocketDocument } from '../document/scan-document.js';
import type { HolderDocument } from '../document/socket-document.js';
import type { Connection } from './connections.js';

/** Looks up a process in full; undefined where it could not be looked at. */
export type ProcessOf = (holder: Pick<HolderDocument, 'pid' | 'pidfdId'>) => ProcessDocument | undefined;

/** The processes that a document has. */
export function processesIn({ processes }: Pick<ScanDocument, 'processes'>): ProcessOf {
  const known = new Map<ProcessKey, ProcessDocument>(processes.map((process) => [processKey(process), process]));
  return (holder) => known.get(processKey(holder));
}

/** Looks up facts about the processes at a connection's ends. */
export class ConnectionFacts {
  /** @param userName - gives a user's name; undefined for a uid that has none */
  constructor(
    readonly processOf: ProcessOf,
    readonly userName: (uid: number) => string | undefined,
  ) {}

  /** The effective uid of a holder; undefined where it could not be read. */
  uidOf(holder: HolderDocument): number | undefined {
    return this.processOf(holder)?.uids?.effective;
  }
}

/** Both ends of a connection, as far as they were seen. */
export function endsOf({ service, client }: Connection): readonly ScannedSocketDocument[] {
  return [service, client].filter((end) => end !== undefined);
}

/** The end that remains, where the other one is closed. A closed end closes both directions of the other. */
export function remainingEnd(connection: Connection, closed: 'client' | 'service'): ScannedSocketDocument | undefined {
  const other = connection[closed === 'client' ? 'service' : 'client'];
  if (connection[closed] !== undefined) return undefined;
  return other?.shutdown?.length === 2 || other?.receiverClosed === true ? other : undefined;
}

/** Whether one of its ends is closed. */
export function hasClosedEnd(connection: Connection): boolean {
  return (remainingEnd(connection, 'client') ?? remainingEnd(connection, 'service')) !== undefined;
}

/** The processes that have either end open. */
export function holdersOfEnds(connection: Connection): readonly HolderDocument[] {
  return endsOf(connection).flatMap(({ holders }) => holders);
}
