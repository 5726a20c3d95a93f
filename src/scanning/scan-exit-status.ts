import { exitStatuses } from '../problem.js';
import { type Connection, judgedEnds } from './connections.js';
import type { ScanDocument } from './scan-document.js';
import { isDoubtful } from './verdict-that-counts.js';

/** What was selected of a scan. */
interface ScannedPart {
  readonly document: ScanDocument;
  readonly connections: readonly Connection[];
}

/** Nobody is to take a scan that saw nothing for one that found nothing wrong. */
export function scanExitStatus({ document, connections }: ScannedPart, audit: boolean): number {
  const { sockets, notSeen } = document;
  if (connections.some((connection) => judgedEnds(connection).some(isDoubtful))) return exitStatuses.notBelieved;
  const anySeen = sockets.some(({ credential, holders }) => (audit ? credential !== undefined : holders.length > 0));
  return sockets.length > 0 && !anySeen && notSeen.reasons.length > 0
    ? exitStatuses.couldNotLook
    : exitStatuses.believed;
}
