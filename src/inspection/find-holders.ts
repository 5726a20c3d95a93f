import { type Holder, scanHiddenHoldersIn } from '../../native-probe/proc/socket-holders.js';
import type { IdentityFacts } from '../identity/identify.js';
import { type Holders, holdersOf } from '../socket/holders.js';
import type { PeerSocket } from '../socket/socket-facts.js';
import type { Witness } from '../words/evidence.js';
import { fewOf } from '../words/few.js';
import { type Reading, valueOf } from '../words/reading.js';
import { whereElse } from '../words/where-else.js';
import { withGiven } from './given-sockets.js';

/** The holders of the other end; of a listener also which of them were given it when they were started. */
export function findHolders(opened: PeerSocket, peer: IdentityFacts, witness: Witness): Reading<Holders> | undefined {
  const holders = seenHolders(opened, peer, witness);
  const known = valueOf(holders);
  if (known === undefined || opened.recordedBy !== 'listen(2)') return holders;
  return { value: withGiven(known, () => opened.otherEnd(), valueOf(peer.pinned)?.pid, witness) };
}

/**
 * The holders of the other end. Where others have it and the process of record is not seen to, that one is looked at
 * where /proc/PID/fd does not show it, before anybody says that it has it no more.
 */
function seenHolders(
  { holders: known, socket, otherEnd }: PeerSocket,
  peer: IdentityFacts,
  witness: Witness,
): Reading<Holders> | undefined {
  const holders = known ?? (socket && holdersOf(otherEnd(), socket, witness));
  const found = holders && valueOf(holders);
  const pinned = valueOf(peer.pinned);
  if (found === undefined || found.found.length === 0 || pinned?.state !== 'running') return holders;
  const { pid } = pinned;
  if (pid === undefined || !found.seen.has(pid) || found.found.some((holder) => holder.pid === pid)) return holders;
  const inode = otherEnd();
  if ('error' in inode) return holders;
  const more = witness.ask(() => scanHiddenHoldersIn(pid, inode.value), {
    call: () => `readlink /proc/${pid}/task/*/fd/* where a thread has its own, and UserFiles of its io_uring instances`,
    answer: (hidden) => (hidden.holders.length === 0 ? 'nothing' : fewOf(hidden.holders, placeOf).join(', ')),
    concluded: (hidden) =>
      hidden.holders.length > 0
        ? 'the process of record has it where /proc/PID/fd does not show it'
        : `if the process of record still has it, it is ${whereElse}`,
  });
  if ('error' in more) return holders;
  const { cut, holders: hidden } = more.value;
  // Of what was not looked at whole nobody can say that it does not have it
  const seen = cut === 0 ? found.seen : new Set([...found.seen].filter((one) => one !== pid));
  return { value: { ...found, found: [...found.found, ...hidden], cut: found.cut + cut, seen } };
}

function placeOf({ thread, ring }: Holder): string {
  if (ring !== undefined) return `io_uring at fd ${ring}`;
  return thread === undefined ? 'a table of its own' : `thread ${thread}`;
}
