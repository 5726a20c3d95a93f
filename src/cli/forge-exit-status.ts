import type { ForgeDocument } from '../document/forge-document.js';
import { exitStatuses } from '../words/problem.js';

/** The exit status of `peerpid race --forge`. */
export function forgeExitStatus({ after }: ForgeDocument): number {
  const { verdict } = after.inspection;
  if (verdict === 'pinned' || after.trustsPidfd === true) return exitStatuses.notBelieved;
  return verdict === 'contradicted' ? exitStatuses.believed : exitStatuses.notPossibleHere;
}
