import { rows } from '../doctor/rows.js';
import { wrongUsage } from '../words/problem.js';

/**
 * Refuses ids that no row of doctor has.
 *
 * @throws Problem that names the first
 */
export function requireKnownRows(ids: readonly string[]): void {
  const unknown = ids.find((id) => !rows.some((row) => row.id === id));
  if (unknown === undefined) return;
  throw wrongUsage(`there is no row ${unknown}`, `The ids are: ${rows.map(({ id }) => id).join(', ')}.`);
}
