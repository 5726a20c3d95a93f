import type { DiagSocket } from '../../../native-probe/diag-socket.js';
import { waitsForRoom } from '../../../native-probe/proc/blocked-thread.js';
import { receiverHasRoom } from '../../../native-probe/sender-room.js';
import { askHeldSocket } from '../../socket/held-socket.js';
import { valueOf } from '../../words/reading.js';
import type { FoundSocket } from '../survey/found-sockets.js';
import type { Blocked, Crowd, Somebody } from './crowd.js';
import { isFull, isNearFull } from './crowd-findings.js';
import { hasRoomForOneMore } from './room-for-one-more.js';
import { whyNotTaken } from './why-not-taken.js';

/** Sockets of whose holders it is looked at whether they wait. */
const mostSockets = 200;

/** Receivers that are asked whether they are full as well. */
const mostReceivers = 200;

/** Looks at those that others wait for, and at nobody where there are none. */
export class Crowds {
  #senders: ReadonlyMap<number, readonly FoundSocket[]> | undefined;
  readonly #full = new Map<number, boolean | undefined>();

  /**
   * @param sockets - all that were found
   * @param mayConnect - whether a datagram socket of ours may be connected to a receiver, which sends nothing
   */
  constructor(
    private readonly sockets: ReadonlyMap<number, FoundSocket>,
    private readonly mayConnect = true,
  ) {}

  /** Undefined of a listener whose backlog is not near full, and of a receiver whose queue is not seen to be full. */
  at(found: FoundSocket): Crowd | undefined {
    const { backlog } = found.socket;
    if (backlog !== undefined) return isNearFull(backlog) ? this.#atListener(found, isFull(backlog)) : undefined;
    return mayBeFull(found) ? this.#atReceiver(found) : undefined;
  }

  #atListener(found: FoundSocket, full: boolean): Crowd {
    const { inode, type } = found.socket;
    const listed = [...this.sockets.values()].filter(({ socket }) => socket.type === type);
    const connecting = full ? listed.filter(({ socket }) => socket.state === 'unconnected') : [];
    return {
      blocked: blockedAmong(connecting, true),
      isAnotherFull: listed.some(
        ({ socket }) => socket.inode !== inode && socket.backlog !== undefined && isFull(socket.backlog),
      ),
      whyNotTaken: whyNotTaken(found.holders, 'accept(2)'),
    };
  }

  #atReceiver(found: FoundSocket): Crowd | undefined {
    const certain = blockedAmong(this.#sendersTo(found.socket.inode), false);
    if (certain.length === 0 && this.#isFull(found) !== true) return undefined;
    const all = [...this.sockets.values()];
    // Those that give an address with each message
    const perhaps = blockedAmong(
      all.filter(({ socket }) => socket.type === 'dgram' && !socket.peerInode),
      true,
    );
    const others = perhaps.length === 0 ? [] : all.filter((one) => one !== found && mayBeFull(one));
    return {
      blocked: [...certain, ...perhaps],
      isAnotherFull: others.slice(0, mostReceivers).some((one) => this.#isFull(one) === true),
      whyNotTaken: whyNotTaken(found.holders, 'recvmsg(2)'),
    };
  }

  /** Whether a receiver has no room for one more message; undefined where nobody can say. */
  #isFull(found: FoundSocket): boolean | undefined {
    const { inode } = found.socket;
    if (!this.#full.has(inode)) {
      const room = roomBySenders(this.#sendersTo(inode)) ?? (this.mayConnect ? hasRoomForOneMore(found) : undefined);
      this.#full.set(inode, room === undefined ? undefined : !room);
    }
    return this.#full.get(inode);
  }

  #sendersTo(inode: number): readonly FoundSocket[] {
    this.#senders ??= sendersByReceiver(this.sockets.values());
    return this.#senders.get(inode) ?? [];
  }
}

/** A message without any bytes does not show. Most receivers have read what was sent to them. */
function mayBeFull({ socket: { type, queue } }: FoundSocket): boolean {
  return type === 'dgram' && (queue?.receive ?? 0) > 0;
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

function blockedAmong(waiting: readonly FoundSocket[], isPerhapsElsewhere: boolean): Blocked[] {
  return waiting.slice(0, mostSockets).flatMap(({ holders }) =>
    holders
      .filter(({ pid, fds }) => waitsForRoom(pid, fds))
      .slice(0, 1)
      .map((process) => ({ process, isPerhapsElsewhere })),
  );
}

/** Whether the receiver has room, by the first of its senders that can say. */
function roomBySenders(senders: readonly FoundSocket[]): boolean | undefined {
  for (const { socket, holders } of senders.slice(0, mostSockets)) {
    const unread = socket.queue?.send ?? 0;
    const room = valueOf(askHeldSocket(socket.inode, holders, (duplicate) => receiverHasRoom(duplicate, unread)));
    if (room !== undefined) return room;
  }
  return undefined;
}

/** Who holds each client that waits to be accepted. */
export function clientsOf({ pending = [] }: DiagSocket, sockets: ReadonlyMap<number, FoundSocket>): Somebody[] {
  return pending.flatMap((inode) => (sockets.get(inode)?.holders ?? []).slice(0, 1));
}
