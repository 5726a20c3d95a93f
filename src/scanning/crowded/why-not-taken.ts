import { usedUpDescriptors } from '../../../native-probe/proc/descriptor-limit.js';
import type { Holder } from '../../../native-probe/proc/socket-holders.js';
import { activityText } from '../../words/activity-text.js';
import { allOf } from '../../words/listed.js';
import { ofHolder } from '../of-holder.js';
import { processListText, briefProcess } from '../process-list.js';
import type { KeptHolder, WhyNotTaken } from './crowd.js';

/** Holders of one socket that are looked at. */
const mostHolders = 8;

/** By which the holders of a socket take what waits there. */
export type TakingCall = 'accept(2)' | 'recvmsg(2)';

/** Why nobody takes what waits at a socket, as far as that is seen. */
export function whyNotTaken(holders: readonly Holder[], call: TakingCall): WhyNotTaken {
  const looked = holders.slice(0, mostHolders);
  return { holders, looked: looked.length, kept: looked.flatMap((holder) => keptBy(holder, call) ?? []) };
}

function keptBy(holder: Holder, call: TakingCall): KeptHolder | undefined {
  const { activity } = holder;
  if (activity !== undefined && activity !== 'first-thread-ended') return { process: holder, by: activity };
  // A message needs no descriptor
  const limit = call === 'accept(2)' ? ofHolder(holder, () => usedUpDescriptors(holder.pid, holder.thread)) : undefined;
  return limit === undefined ? undefined : { process: holder, by: 'descriptors', limit };
}

/** The same in a sentence. */
export function whyNotTakenText({ holders, looked, kept }: WhyNotTaken, call: TakingCall): string {
  const who = processListText(holders);
  if (who === undefined) return 'No process was seen that holds it.';
  if (kept.length === 0) {
    const which = looked < holders.length ? ` at the first ${looked}` : '';
    return `Nothing was seen${which} that keeps ${who} from ${call}: it is not called, or not often enough.`;
  }
  const others =
    kept.length < holders.length ? `; nothing was seen that keeps ${holders.length - kept.length} more` : '';
  return `Kept from ${call}, as far as can be seen: ${allOf(kept.map((one) => keptText(one, call)))}${others}.`;
}

function keptText({ process, by, limit = 0 }: KeptHolder, call: TakingCall): string {
  return by === 'descriptors'
    ? `${briefProcess(process)} uses all ${limit} descriptors that it may have, so ${call} fails there (EMFILE)`
    : `${briefProcess(process)} is ${activityText[by]}`;
}
