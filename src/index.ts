/**
 * peerpid for Node services: who is at the other end of an AF_UNIX socket,
 * pinned by the kernel, so that a recycled PID is never taken for the client.
 */
import { type Socket } from 'node:net';
import { constants } from 'node:os';

import { duplicate, Fd } from '../native-probe/fd.js';
import type { Credential } from '../native-probe/peer-credential.js';
import { SyscallError } from '../native-probe/syscall-error.js';
import { isUnixSocket } from '../native-probe/unix-socket.js';
import { describeInspection } from './document/describe-inspection.js';
import type { InspectDocument } from './document/inspect-document.js';
import { namesArrive, SystemNames } from './document/names.js';
import { identify, type IdentityFacts } from './identity/identify.js';
import type { PinnedProcess } from './identity/pinned-process.js';
import { type ProcBrief, readNothing } from './identity/proc-facts.js';
import { ReadAhead } from './identity/read-ahead.js';
import { conclude, inspectPeer, type PeerFacts } from './inspection/inspect.js';
import { peerSocketOf } from './socket/own-socket.js';
import type { PeerSocket } from './socket/socket-facts.js';
import { isBelieved, judge, type Verdict } from './verdict/verdict.js';
import { Witness } from './words/evidence.js';
import { mapReading, type Reading, valueOf } from './words/reading.js';
import { textOf } from './words/text.js';

export { UnsupportedPlatformError } from '../native-probe/platform.js';
export type { Credential } from '../native-probe/peer-credential.js';
export { SyscallError } from '../native-probe/syscall-error.js';
export type { CredentialDocument, InspectDocument } from './document/inspect-document.js';
export type { ProcessDocument } from './document/process-document.js';
export type { HolderDocument, SocketDocument } from './document/socket-document.js';
export type { Unavailable } from './document/unavailable.js';
export type { Finding, FindingId, Severity } from './verdict/finding.js';
export type { Basis, Verdict } from './verdict/verdict.js';

/** How long {@link Peer.describe} may take. */
export interface DescribeOptions {
  /** Milliseconds to wait for what may not come, such as names of users; 1000 by default. */
  readonly timeout?: number;
}

/** A client or a server at the other end of a socket, pinned until it is disposed of. As of the moment of {@link peerOf}. */
export class Peer implements Disposable {
  readonly verdict: Verdict;
  /** What SO_PEERCRED says: who called connect(2) or listen(2), with its *effective* ids then. Undefined without one. */
  readonly credential: Credential | undefined;
  /** SO_PEERGROUPS: the supplementary groups of the credential; undefined where the kernel refuses them. */
  readonly groups: readonly number[] | undefined;
  /** SO_PEERSEC: the label of the Linux security module; undefined where no module gives one. */
  readonly securityLabel: string | undefined;
  /** The number of the pinned process: 0 outside this PID namespace, undefined without one. */
  readonly pid: number | undefined;
  /** Unique since boot, where the kernel has such ids (Linux 6.9). */
  readonly pidfdId: bigint | undefined;
  #pin: PinnedProcess | undefined;
  #letGo = false;

  /** @internal */
  constructor(
    private readonly asked: Pick<PeerSocket, 'facts' | 'recordedBy'>,
    private readonly peer: PeerFacts<ProcBrief>,
    pin: PinnedProcess | undefined,
  ) {
    const label = valueOf(peer.securityLabel);
    const pinned = valueOf(peer.pinned);
    this.verdict = judge(peer).verdict;
    this.credential = valueOf(peer.credential);
    this.groups = valueOf(peer.groups);
    this.securityLabel = label && textOf(label);
    this.pid = pinned?.pid;
    this.pidfdId = pinned?.pidfdId;
    this.#pin = pin;
    if (pin !== undefined) dropped.register(this, pin, this);
  }

  /** Whether the plain PID may be believed. Ask {@link Peer.isAlive} again before acting upon it. */
  get believed(): boolean {
    return isBelieved(this.verdict);
  }

  /** Whether the pinned process runs now. False without a pin, and after it was let go of, since then nobody can say. */
  isAlive(): boolean {
    return this.#pin?.look().state === 'running';
  }

  /**
   * All that can be known of the peer now, of /proc too: the same as `peerpid inspect --json`, with a verdict of this
   * moment. The process itself can keep its command line and most else of /proc from coming, and the databases of users and groups may not
   * answer (sssd, LDAP): what did not come in time is missing. Nothing here holds up the event loop.
   *
   * @throws Error once it was let go of; SyscallError EMFILE, ENFILE or ENOMEM where there is no room for a pidfd
   */
  async describe({ timeout = 1000 }: DescribeOptions = {}): Promise<InspectDocument> {
    if (this.#letGo) throw new Error('the peer was let go of');
    const { credential, groups, securityLabel, refusedAsEnded } = this.peer;
    const pin = this.#pin;
    const pidfd: Reading<Fd> = pin === undefined ? mapReading(this.peer.pinned, noPin) : { value: duplicateOf(pin) };
    using _untilThen = valueOf(pidfd);
    using ahead = new ReadAhead([this.pid ?? 0, this.credential?.pid ?? 0]);
    await Promise.all([ahead.arrival(timeout), namesArrive(this.#shownIds(), timeout)]);
    using again = identify(credential, pidfd, refusedAsEnded, ahead.request, Witness.silent());
    throwIfShort(again.facts);
    const { facts } = again;
    const peer = { ...facts, groups, securityLabel };
    return describeInspection(conclude(this.asked, peer, undefined, Witness.silent()), new SystemNames(false));
  }

  #shownIds(): { uids: number[]; gids: number[] } {
    const { file, guards } = this.asked.facts;
    const shown = [this.credential, file, ...(valueOf(guards) ?? [])].filter((ids) => ids !== undefined);
    return { uids: shown.map(({ uid }) => uid), gids: shown.map(({ gid }) => gid) };
  }

  /** Lets go of the process: its pidfd is closed. */
  [Symbol.dispose](): void {
    dropped.unregister(this);
    this.#pin?.[Symbol.dispose]();
    this.#pin = undefined;
    this.#letGo = true;
  }
}

function duplicateOf(pin: PinnedProcess): Fd {
  const pidfd = duplicate(pin.pidfd.number);
  try {
    return pidfd.closeWithWorker();
  } catch (error) {
    pidfd[Symbol.dispose]();
    throw error;
  }
}

function noPin(): never {
  throw new Error('a process that is pinned has a pidfd');
}

/** Lets go for whoever forgets it, some time after: each Peer that is dropped would cost a descriptor otherwise. */
const dropped = new FinalizationRegistry<PinnedProcess>((pin) => {
  pin[Symbol.dispose]();
});

/** Of a C int. */
const largestDescriptor = 2 ** 31 - 1;

/** Where a net.Socket has its descriptor, which its type does not show. */
interface WithHandle {
  readonly _handle?: { readonly fd?: number } | null;
}

/**
 * Asks the kernel who is at the other end of a connected AF_UNIX socket, by calls that no other process can delay.
 * A service catches what it throws: clients can use its descriptors up (EMFILE).
 *
 * @example
 * ```ts
 * createServer((socket) => {
 *   using peer = peerOf(socket);
 *   if (!peer.believed || peer.credential?.uid !== 0) socket.destroy();
 * }).listen('/run/app.sock');
 * ```
 *
 * @param socket - a net.Socket, or the number of a descriptor; it stays the caller's
 * @throws SyscallError EBADF, ENOTSOCK; EMFILE, ENFILE or ENOMEM where there is no room for a pidfd, which clients can
 * bring about; TypeError when the socket has no descriptor (any more), is not an AF_UNIX one, or listens
 */
export function peerOf(socket: number | Socket): Peer {
  const number = typeof socket === 'number' ? socket : (socket as WithHandle)._handle?.fd;
  // The kernel would take NaN for 0, and the lower 32 bits of what is too large
  if (number === undefined || !Number.isInteger(number) || number < 0 || number > largestDescriptor) {
    throw new TypeError('the socket has no file descriptor');
  }
  // Not disposed of: it stays the caller's
  const theirs = new Fd(number);
  if (!isUnixSocket(theirs)) throw new TypeError('the socket is not an AF_UNIX one');
  const { facts, recordedBy } = peerSocketOf(theirs);
  // Its own credential is that of the service itself, which would let everybody in
  if (facts.state === 'listening') throw new TypeError('the socket listens: give one that it accepted');
  const pinned = inspectPeer(theirs, readNothing, Witness.silent());
  try {
    throwIfShort(pinned.facts);
    pinned.pin?.pidfd.closeWithWorker();
    return new Peer({ facts, recordedBy }, pinned.facts, pinned.pin);
  } catch (error) {
    pinned[Symbol.dispose]();
    throw error;
  }
}

const { EMFILE, ENFILE, ENOMEM } = constants.errno;
const shortages = new Map(Object.entries({ EMFILE, ENFILE, ENOMEM }));

/** Where nothing but our own shortage hides who the peer is, no verdict is better than one that a client can choose. */
function throwIfShort({ pinned, named }: IdentityFacts): void {
  for (const fact of [pinned, named?.opened]) {
    if (fact === undefined || !('error' in fact)) continue;
    const { syscall, code } = fact.error;
    const errno = shortages.get(code);
    if (errno !== undefined) throw new SyscallError(syscall, errno);
  }
}
