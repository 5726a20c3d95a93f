import type { Holder } from '../../../native-probe/proc/socket-holders.js';
import type { Asking, Survey } from '../../../native-probe/survey.js';
import { Surveyor } from '../../../native-probe/survey.js';

/**
 * Looks for the sockets of which no holder was found where /proc/PID/fd does not show them, and asks those. It takes
 * some calls for each process and thread, so that nothing is looked at where each socket has a holder.
 *
 * @param surveys - of the same processes
 * @returns undefined where each socket has a holder
 */
export function surveyHidden(
  pids: Int32Array,
  sockets: ReadonlyMap<number, { readonly holders: readonly Holder[] }>,
  surveys: readonly Survey[],
  asking: Asking,
): Survey | undefined {
  const unheld = new Set<number>();
  for (const [inode, { holders }] of sockets) if (holders.length === 0) unheld.add(inode);
  if (unheld.size === 0) return undefined;
  const surveyor = new Surveyor(unheld, asking, false);
  const forbidden = new Set(surveys.flatMap((survey) => survey.forbidden.map(({ pid }) => pid)));
  for (const pid of pids) {
    if (forbidden.has(pid)) continue;
    const rings = surveys.flatMap((survey) => survey.rings.get(pid) ?? []);
    surveyor.visitHidden(pid, rings);
  }
  return surveyor.result();
}
