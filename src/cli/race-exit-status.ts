import type { RaceDocument } from '../document/race-document.js';
import { exitStatuses } from '../words/problem.js';

/** The exit status of `peerpid race`. */
export function raceExitStatus({ shown, methods, verdicts }: RaceDocument): number {
  const ofPidfds = methods.filter(({ id }) => id === 'peer-pidfd' || id === 'verdict');
  const deceived = ofPidfds.some(({ inTime, tooLate }) => inTime.fooled + tooLate.fooled > 0);
  if (deceived || verdicts.pinned !== undefined) return exitStatuses.notBelieved;
  return shown ? exitStatuses.believed : exitStatuses.notPossibleHere;
}
