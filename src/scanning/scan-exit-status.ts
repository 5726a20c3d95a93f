import { exitStatuses } from '../problem.js';
import type { ScanDocument } from './scan-document.js';
import { isDoubtful } from './verdict-that-counts.js';

/** Nobody is to take a scan that saw nothing for one that found nothing wrong. */
export function scanExitStatus({ sockets, notSeen }: ScanDocument, audit: boolean): number {
  if (sockets.some(isDoubtful)) return exitStatuses.notBelieved;
  const anySeen = sockets.some(({ credential, holders }) => (audit ? credential !== undefined : holders.length > 0));
  return sockets.length > 0 && !anySeen && notSeen.reasons.length > 0
    ? exitStatuses.couldNotLook
    : exitStatuses.believed;
}
