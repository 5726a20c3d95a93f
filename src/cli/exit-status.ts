import { type Connection, judgedEnds } from '../connections/connections.js';
import { isDoubtful } from '../connections/doubt.js';
import type { ScanDocument } from '../document/scan-document.js';
import { exitStatuses } from '../words/problem.js';

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
