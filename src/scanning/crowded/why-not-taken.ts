import { usedUpDescriptors } from '../../../native-probe/proc/descriptor-limit.js';
import type { Holder } from '../../../native-probe/proc/socket-holders.js';
import { activityText, suspending } from '../../words/activity-text.js';
import { allOf } from '../../words/listed.js';
import { ofHolder } from '../of-holder.js';
import { processListText, briefProcess } from '../process-list.js';

/** Holders of one socket that are looked at. */
const mostHolders = 8;

/**
 * Why nobody takes what waits at a socket, as far as that is seen: in a sentence.
 *
 * @param call - by which its holders take it
 */
export function whyNotTaken(holders: readonly Holder[], call: 'accept(2)' | 'recvmsg(2)'): string {
  const looked = holders.slice(0, mostHolders);
  const who = processListText(holders);
  if (who === undefined) return 'Nobody is seen to hold it.';
  const kept: string[] = [];
  for (const holder of looked) {
    const why =
      holder.activity !== undefined && suspending.has(holder.activity) ? activityText[holder.activity] : undefined;
    const limit =
      why === undefined && call === 'accept(2)'
        ? ofHolder(holder, () => usedUpDescriptors(holder.pid, holder.thread))
        : undefined;
    if (why !== undefined) kept.push(`${briefProcess(holder)} is ${why}`);
    else if (limit !== undefined) {
      kept.push(
        `${briefProcess(holder)} has all ${limit} descriptors in use that it may have, so that ${call} fails there (EMFILE)`,
      );
    }
  }
  if (kept.length === 0) {
    const which = looked.length < holders.length ? ` at the first ${looked.length}` : '';
    return `Nothing is seen${which} that keeps ${who} from ${call}: it is not called, or not often enough.`;
  }
  const others =
    kept.length < holders.length ? `; of ${holders.length - kept.length} more nothing is seen that keeps them` : '';
  return `Kept from ${call}, as far as is seen: ${allOf(kept)}${others}.`;
}
