import { type Connection, judgedEnds } from '../connections/connections.js';
import { isDoubtful } from '../connections/doubt.js';
import type { DoctorDocument } from '../document/doctor-document.js';
import type { ForgeDocument } from '../document/forge-document.js';
import type { RaceDocument } from '../document/race-document.js';
import type { ScanDocument } from '../document/scan-document.js';
import { exitStatuses } from '../words/problem.js';

/** Whether verdicts can be had; of single rows, whether all of them work. */
export function doctorExitStatus({ verdicts, rows }: DoctorDocument): number {
  if (verdicts !== undefined) {
    if (verdicts.possible === undefined) return exitStatuses.couldNotLook;
    return verdicts.possible ? exitStatuses.believed : exitStatuses.notPossibleHere;
  }
  if (rows.every(({ ability }) => ability === 'works')) return exitStatuses.believed;
  const known = rows.some(({ ability }) => ability === 'does-not' || ability === 'may-not');
  return known ? exitStatuses.notPossibleHere : exitStatuses.couldNotLook;
}

/** The exit status of `peerpid race --forge`. */
export function forgeExitStatus({ after }: ForgeDocument): number {
  const { verdict } = after.inspection;
  if (verdict === 'pinned' || after.trustsPidfd === true) return exitStatuses.notBelieved;
  return verdict === 'contradicted' ? exitStatuses.believed : exitStatuses.notPossibleHere;
}

/** The exit status of `peerpid race`. */
export function raceExitStatus({ shown, methods, verdicts }: RaceDocument): number {
  const ofPidfds = methods.filter(({ id }) => id === 'peer-pidfd' || id === 'verdict');
  const deceived = ofPidfds.some(({ inTime, tooLate }) => inTime.fooled + tooLate.fooled > 0);
  if (deceived || verdicts.pinned !== undefined) return exitStatuses.notBelieved;
  return shown ? exitStatuses.believed : exitStatuses.notPossibleHere;
}

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
