/**
 * peerpid for Node services: who is at the other end of an AF_UNIX socket,
 * pinned by the kernel, so that a recycled PID is never taken for the client.
 */
import { type Socket } from 'node:net';
import { constants } from 'node:os';

import { duplicate } from '../native-probe/fd.js';
import { SyscallError } from '../native-probe/syscall-error.js';
import { isUnixSocket } from '../native-probe/unix-socket.js';
import { describeInspection } from './document/describe-inspection.js';
import type { InspectDocument } from './document/inspect-document.js';
import { systemNames } from './document/names.js';
import type { PinnedProcess } from './identity/pinned-process.js';
import { inspect, type Inspection } from './inspection/inspect.js';
import { peerSocketOf } from './socket/own-socket.js';
import { isBelieved, type Verdict } from './verdict/verdict.js';
import { Witness } from './words/evidence.js';

export { UnsupportedPlatformError } from '../native-probe/platform.js';
export { SyscallError } from '../native-probe/syscall-error.js';
export type { CredentialDocument, InspectDocument } from './document/inspect-document.js';
export type { ProcessDocument } from './document/process-document.js';
export type { HolderDocument, SocketDocument } from './document/socket-document.js';
export type { Unavailable } from './document/unavailable.js';
export type { Finding, FindingId, Severity } from './verdict/finding.js';
export type { Basis, Verdict } from './verdict/verdict.js';

/** A client or a server at the other end of a socket, pinned until it is disposed of. */
export class Peer implements Disposable {
  /** Everything that is known, as of the moment of {@link peerOf}. The same as `peerpid inspect --json`. */
  readonly document: InspectDocument;
  #pin: PinnedProcess | undefined;

  /** @internal */
  constructor(document: InspectDocument, pin: PinnedProcess | undefined) {
    this.document = document;
    this.#pin = pin;
    if (pin !== undefined) dropped.register(this, pin, this);
  }

  get verdict(): Verdict {
    return this.document.verdict;
  }

  /** Whether the plain PID may be believed. Ask {@link Peer.isAlive} again before acting upon it. */
  get believed(): boolean {
    return isBelieved(this.document.verdict);
  }

  /** Whether the pinned process runs now. False without a pin, and after it was let go of, since then nobody can say. */
  isAlive(): boolean {
    return this.#pin?.look().state === 'running';
  }

  /** Lets go of the process: its pidfd is closed. */
  [Symbol.dispose](): void {
    dropped.unregister(this);
    this.#pin?.[Symbol.dispose]();
    this.#pin = undefined;
  }
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
 * Asks the kernel who is at the other end of a connected AF_UNIX socket.
 * A service catches what it throws: clients can use its descriptors up (EMFILE).
 *
 * @example
 * ```ts
 * createServer((socket) => {
 *   using peer = peerOf(socket);
 *   if (!peer.believed || peer.document.credential?.uid !== 0) socket.destroy();
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
  using ours = duplicate(number);
  if (!isUnixSocket(ours)) throw new TypeError('the socket is not an AF_UNIX one');
  const opened = peerSocketOf(ours);
  // Its own credential is that of the service itself, which would let everybody in
  if (opened.facts.state === 'listening') throw new TypeError('the socket listens: give one that it accepted');
  const pinned = inspect(opened, Witness.silent(), { holders: false });
  try {
    throwIfShort(pinned.facts);
    return new Peer(describeInspection(pinned.facts, systemNames), pinned.pin);
  } catch (error) {
    pinned[Symbol.dispose]();
    throw error;
  }
}

const { EMFILE, ENFILE, ENOMEM } = constants.errno;
const shortages = new Map(Object.entries({ EMFILE, ENFILE, ENOMEM }));

/** Where nothing but our own shortage hides who the peer is, no verdict is better than one that a client can choose. */
function throwIfShort({ peer: { pinned, named } }: Inspection): void {
  for (const fact of [pinned, named?.opened]) {
    if (fact === undefined || !('error' in fact)) continue;
    const { syscall, code } = fact.error;
    const errno = shortages.get(code);
    if (errno !== undefined) throw new SyscallError(syscall, errno);
  }
}
