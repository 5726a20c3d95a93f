import type { DiagSocket } from '../../native-probe/diag-socket.js';
import { descriptorLimitOf } from '../../native-probe/proc/descriptor-limit.js';
import type { Holder } from '../../native-probe/proc/socket-holders.js';
import { type Finding, finding } from '../verdict/finding.js';
import { counted } from '../words/counted.js';
import { ofHolder } from './of-holder.js';
import { briefProcess } from './process-list.js';
import type { FoundSocket, FoundSockets } from './survey/found-sockets.js';

/** From which part of the descriptors that a process may have on so many kept sockets are a danger to it. */
const nearLimit = 3 / 4;

/** The ends of connections whose other end is closed, and how many of them each process has. */
export class KeptEnds {
  readonly #kept: ReadonlySet<number>;
  readonly #numbers = new Map<number, number>();
  readonly #findings = new Map<number, Finding>();

  constructor(sockets: FoundSockets['sockets']) {
    const alone = [...sockets.values()].filter(({ socket }) => isAlone(socket));
    // The other end of one that waits is not closed, and has no inode yet
    const waiting = new Set(
      alone.length === 0 ? [] : [...sockets.values()].flatMap(({ socket }) => socket.pending ?? []),
    );
    const kept = alone.filter(({ socket }) => !waiting.has(socket.inode));
    this.#kept = new Set(kept.map(({ socket }) => socket.inode));
    for (const { pid } of kept.flatMap(({ holders }) => holders)) {
      this.#numbers.set(pid, (this.#numbers.get(pid) ?? 0) + 1);
    }
  }

  /** Undefined of a socket whose other end is open, that has none, or that nobody is seen to hold. */
  findingOf({ socket, holders }: FoundSocket): Finding | undefined {
    if (!this.#kept.has(socket.inode)) return undefined;
    const [most] = [...holders].sort((a, b) => this.#numberOf(b) - this.#numberOf(a));
    if (most === undefined) return undefined;
    let found = this.#findings.get(most.pid);
    if (found === undefined) this.#findings.set(most.pid, (found = this.#find(most)));
    return found;
  }

  #numberOf({ pid }: Holder): number {
    return this.#numbers.get(pid) ?? 0;
  }

  #find(holder: Holder): Finding {
    const number = this.#numberOf(holder);
    const limit = ofHolder(holder, () => descriptorLimitOf(holder.pid));
    const most = limit === undefined ? '' : `, and may have ${counted(limit, 'descriptor')}`;
    return finding(
      'closed-and-kept',
      limit !== undefined && number >= nearLimit * limit ? 'warning' : 'info',
      `The other end is closed, but this one is not: process ${briefProcess(holder)} keeps ${counted(number, 'such socket')} open${most}.`,
    );
  }
}

/**
 * Whether the kernel tells of a connection that both directions are closed, and no other end: where that is only shut
 * down, its inode is told. net/unix/af_unix.c, unix_release_sock(); net/unix/diag.c, sk_diag_dump_peer()
 */
function isAlone({ type, state, shutdown, peerInode }: DiagSocket): boolean {
  return type !== 'dgram' && state === 'connected' && peerInode === undefined && shutdown.receive && shutdown.send;
}
