/**
 * With which status each command ends. The numbers, and what each means, are those of {@link exitStatuses}; what ends
 * with an error has the status of its Problem.
 */
import { type Connection, deceivesSomebody, judgedEnds } from '../connections/connections.js';
import { isDoubtful } from '../connections/doubt.js';
import type { BusDocument } from '../document/bus-document.js';
import type { DoctorDocument } from '../document/doctor-document.js';
import type { ForgeDocument } from '../document/forge-document.js';
import type { RaceDocument } from '../document/race-document.js';
import type { InspectConnectionsDocument, ScanDocument } from '../document/scan-document.js';
import { deceivesOnBus } from '../verdict/bus-verdict.js';
import { isBelieved } from '../verdict/verdict.js';
import { type CommandStatus, exitStatuses } from '../words/problem.js';

function believedIf(isSo: boolean): CommandStatus {
  return isSo ? exitStatuses.believed : exitStatuses.notBelieved;
}

const { believed, couldNotLook, wrongUsage, notBelieved, notPossibleHere } = exitStatuses;
const worstFirst: readonly CommandStatus[] = [notBelieved, notPossibleHere, couldNotLook, wrongUsage, believed];

/** Of several things that were looked at: that of the worst, where what was seen counts more than what was not. */
export function worstOf(statuses: readonly CommandStatus[]): CommandStatus {
  return worstFirst.find((status) => statuses.includes(status)) ?? believed;
}

/** `peerpid inspect`: whether the peer's PID may be believed, and with `--connections` that of everybody connected. */
export function inspectExitStatus({ verdict, findings, connections }: InspectConnectionsDocument): CommandStatus {
  const isElsewhere = findings.some(({ id }) => id === 'path-changed');
  return believedIf(isBelieved(verdict) && !isElsewhere && connections?.sockets.some(isDoubtful) !== true);
}

/** `peerpid listen`: whether every connection and message that was shown may be believed. */
export function listenExitStatus({ allBelieved }: { readonly allBelieved: boolean }): CommandStatus {
  return believedIf(allBelieved);
}

/** What was selected of a scan. */
interface ScannedPart {
  readonly document: ScanDocument;
  readonly connections: readonly Connection[];
  readonly nothingNamed: boolean;
}

/**
 * `peerpid scan`: whether what was selected deceives nobody. Nobody is to take a scan that saw nothing for one that
 * found nothing wrong, so that one could not look.
 *
 * @param flags - `audit`: whether sockets were asked for their peers; `allow-empty`: whether there may be nothing of
 * what was named; `strict`: whether every PID has to be believed
 */
export function scanExitStatus(
  { document, connections, nothingNamed }: ScannedPart,
  flags: { readonly audit: boolean; readonly 'allow-empty': boolean; readonly strict: boolean },
): CommandStatus {
  const { sockets, notSeen } = document;
  if (nothingNamed && !flags['allow-empty']) return exitStatuses.couldNotLook;
  const isBad = flags.strict ? isDoubtfulAtAnEnd : deceivesSomebody;
  if (connections.some(isBad)) return exitStatuses.notBelieved;
  const anySeen = sockets.some(({ credential, holders }) =>
    flags.audit ? credential !== undefined : holders.length > 0,
  );
  return sockets.length > 0 && !anySeen && notSeen.reasons.length > 0
    ? exitStatuses.couldNotLook
    : exitStatuses.believed;
}

function isDoubtfulAtAnEnd(connection: Connection): boolean {
  return judgedEnds(connection).some(isDoubtful);
}

/** `peerpid trace`: whether no client's PID was seen to be another process's already. */
export function traceExitStatus({ recycled }: { readonly recycled: number }): CommandStatus {
  return believedIf(recycled === 0);
}

/** `peerpid bus`: whether no PID that the bus gives deceives anybody; strictly, whether each may be believed. */
export function busExitStatus({ connections }: BusDocument, strict: boolean): CommandStatus {
  return believedIf(
    connections.every(({ verdict, kernel, credentials }) =>
      strict ? isBelieved(verdict) : !deceivesOnBus(verdict, kernel, credentials?.pid),
    ),
  );
}

/** `peerpid doctor`: whether verdicts can be had here; of rows that were named, whether all of them work. */
export function doctorExitStatus({ verdicts, rows }: DoctorDocument): CommandStatus {
  if (verdicts !== undefined) {
    if (verdicts.possible === undefined) return exitStatuses.couldNotLook;
    return verdicts.possible ? exitStatuses.believed : exitStatuses.notPossibleHere;
  }
  if (rows.every(({ ability }) => ability === 'works')) return exitStatuses.believed;
  const known = rows.some(({ ability }) => ability === 'does-not' || ability === 'may-not');
  return known ? exitStatuses.notPossibleHere : exitStatuses.couldNotLook;
}

/** `peerpid race`: whether it was shown that the PID deceives; a pidfd that does would be a bug. */
export function raceExitStatus({ shown, methods, verdicts }: RaceDocument): CommandStatus {
  const ofPidfds = methods.filter(({ id }) => id === 'peer-pidfd' || id === 'verdict');
  const deceived = ofPidfds.some(({ inTime, tooLate }) => inTime.fooled + tooLate.fooled > 0);
  if (deceived || verdicts.pinned !== undefined) return exitStatuses.notBelieved;
  return shown ? exitStatuses.believed : exitStatuses.notPossibleHere;
}

/** `peerpid race --forge`: whether it was shown that SO_PEERCRED deceives; a pidfd that does would be a bug. */
export function forgeExitStatus({ after }: ForgeDocument): CommandStatus {
  const { verdict } = after.inspection;
  if (verdict === 'pinned' || after.trustsPidfd === true) return exitStatuses.notBelieved;
  return verdict === 'contradicted' ? exitStatuses.believed : exitStatuses.notPossibleHere;
}
