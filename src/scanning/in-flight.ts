import { placesTaken } from '../../native-probe/diag-socket.js';
import { linksTo } from '../../native-probe/proc/descriptor-links.js';
import { fdTableOf } from '../../native-probe/proc/fd-table.js';
import { descriptorsInQueue } from '../../native-probe/proc/fdinfo.js';
import { uapi } from '../../native-probe/uapi.js';
import type { InFlightDocument } from '../document/scan-document.js';
import { reading, valueOf } from '../words/reading.js';
import { textOf } from '../words/text.js';
import type { FoundSocket } from './survey/found-sockets.js';

/** How many sockets are asked at most. */
export const mostAsked = 10_000;

/** What was found of queues with descriptors. */
export interface InFlight {
  readonly queues: readonly InFlightDocument[];
  /** Whether there were more sockets to ask than {@link mostAsked}. */
  readonly isCut: boolean;
}

/** The queues in which descriptors wait to be received, those with the most first. The kernel does not tell of what they are. */
export function inFlight(sockets: Iterable<FoundSocket>, most = mostAsked): InFlight {
  const queues: InFlightDocument[] = [];
  let asked = 0;
  for (const found of sockets) {
    const [holder] = found.holders;
    const fd = holder?.fds[0];
    if (holder === undefined || fd === undefined || !mayHaveMessages(found)) continue;
    if (++asked > most) break;
    const { pid, thread, comm } = holder;
    const table = `/proc/${pid}/${fdTableOf(thread)}`;
    // Only a socket is asked, as in native-probe/proc/hidden-sockets.ts
    if (!linksTo(uapi.AT_FDCWD, `${table}/${fd}`, found.socket.inode)) continue;
    const descriptors = valueOf(reading(() => descriptorsInQueue(`${table}info/${fd}`))) ?? 0;
    if (descriptors > 0) queues.push({ inode: found.socket.inode, pid, comm: textOf(comm), fd, descriptors });
  }
  queues.sort((one, other) => other.descriptors - one.descriptors);
  return { queues, isCut: asked > most };
}

/** A message with descriptors has a byte or more, but for a datagram or a record. */
function mayHaveMessages({ socket: { type, state, queue, backlog } }: FoundSocket): boolean {
  if (state === 'listening') return backlog === undefined || placesTaken(backlog) > 0;
  return type !== 'stream' || queue === undefined || queue.receive > 0;
}
