import type { DoctorDocument } from '../document/doctor-document.js';
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
