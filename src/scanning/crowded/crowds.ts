import type { DiagSocket } from '../../../native-probe/diag-socket.js';
import { waitsForRoom } from '../../../native-probe/proc/blocked-thread.js';
import { receiverHasRoom } from '../../../native-probe/sender-room.js';
import { askHeldSocket } from '../../socket/held-socket.js';
import { valueOf } from '../../words/reading.js';
import { briefProcess } from '../process-list.js';
import type { FoundSocket } from '../survey/found-sockets.js';
import { type Crowd, isFull, isNearFull } from './crowd-findings.js';
import { whyNotTaken } from './why-not-taken.js';

/** Sockets of whose holders it is looked at whether they wait. */
const mostSockets = 200;

/** Looks at those that others wait for, and at nobody where there are none. */
export class Crowds {
  #senders: ReadonlyMap<number, readonly FoundSocket[]> | undefined;

  /** @param sockets - all that were found */
  constructor(private readonly sockets: ReadonlyMap<number, FoundSocket>) {}

  /** Undefined of a listener whose backlog is not near full, and of a receiver whose queue is not seen to be full. */
  at(found: FoundSocket): Crowd | undefined {
    const { backlog, type, queue } = found.socket;
    if (backlog !== undefined) return isNearFull(backlog) ? this.#atListener(found, isFull(backlog)) : undefined;
    // A message without any bytes does not show. Most receivers have read what was sent to them
    return type === 'dgram' && (queue?.receive ?? 0) > 0 ? this.#atReceiver(found) : undefined;
  }

  #atListener(found: FoundSocket, full: boolean): Crowd {
    const { inode, type } = found.socket;
    const listed = [...this.sockets.values()].filter(({ socket }) => socket.type === type);
    const connecting = full ? listed.filter(({ socket }) => socket.state === 'unconnected') : [];
    const elsewhere = listed.some(
      ({ socket }) => socket.inode !== inode && socket.backlog !== undefined && isFull(socket.backlog),
    );
    return { blocked: blockedAmong(connecting), elsewhere, why: whyNotTaken(found.holders, 'accept(2)') };
  }

  #atReceiver(found: FoundSocket): Crowd | undefined {
    const senders = this.#sendersTo(found.socket.inode);
    const blocked = blockedAmong(senders);
    if (blocked.length === 0 && !isFullFor(senders)) return undefined;
    const why = whyNotTaken(found.holders, 'recvmsg(2)');
    if (blocked.length > 0) return { blocked, elsewhere: false, why };
    // Those that give an address with each message
    const others = [...this.sockets.values()].filter(({ socket }) => socket.type === 'dgram' && !socket.peerInode);
    return { blocked: blockedAmong(others), elsewhere: true, why };
  }

  #sendersTo(inode: number): readonly FoundSocket[] {
    this.#senders ??= sendersByReceiver(this.sockets.values());
    return this.#senders.get(inode) ?? [];
  }
}

function sendersByReceiver(sockets: Iterable<FoundSocket>): ReadonlyMap<number, readonly FoundSocket[]> {
  const senders = new Map<number, FoundSocket[]>();
  for (const one of sockets) {
    const { type, peerInode } = one.socket;
    if (type !== 'dgram' || peerInode === undefined) continue;
    const known = senders.get(peerInode);
    if (known === undefined) senders.set(peerInode, [one]);
    else known.push(one);
  }
  return senders;
}

function blockedAmong(waiting: readonly FoundSocket[]): string[] {
  return waiting.slice(0, mostSockets).flatMap(({ holders }) =>
    holders
      .filter(({ pid, fds }) => waitsForRoom(pid, fds))
      .slice(0, 1)
      .map(briefProcess),
  );
}

/** Whether the first sender that can say tells of no room. */
function isFullFor(senders: readonly FoundSocket[]): boolean {
  for (const { socket, holders } of senders.slice(0, mostSockets)) {
    const unread = socket.queue?.send ?? 0;
    const room = valueOf(askHeldSocket(socket.inode, holders, (duplicate) => receiverHasRoom(duplicate, unread)));
    if (room !== undefined) return !room;
  }
  return false;
}

/** Who holds each client that waits to be accepted: `42 (curl)`. */
export function clientsOf({ pending = [] }: DiagSocket, sockets: ReadonlyMap<number, FoundSocket>): string[] {
  return pending.flatMap((inode) => (sockets.get(inode)?.holders ?? []).slice(0, 1).map(briefProcess));
}
