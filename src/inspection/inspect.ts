import type { Fd } from '../../native-probe/fd.js';
import {
  type Credential,
  peerCredential,
  peerGroups,
  peerPidfd,
  peerSecurityLabel,
} from '../../native-probe/peer-credential.js';
import { identify, type IdentityFacts, type Pinned } from '../identity/identify.js';
import { type Ourselves, ourselves } from '../identity/ourselves.js';
import type { ProcessReference } from '../identity/pinned-process.js';
import { type Holders, holdersOf } from '../socket/holders.js';
import type { RecordingCall } from '../socket/recording-call.js';
import type { PeerSocket, SocketFacts } from '../socket/socket-facts.js';
import type { Finding } from '../verdict/finding.js';
import { findingsOf } from '../verdict/findings.js';
import { sentenceOf } from '../verdict/sentence.js';
import { judge, type Judgement } from '../verdict/verdict.js';
import type { Step, Witness } from '../words/evidence.js';
import { type Reading, valueOf } from '../words/reading.js';
import { textOf } from '../words/text.js';
import { credentialWords } from './questions.js';
import { pidfdsAreGiven } from './refusal.js';

/** Everything that the kernel says of a socket's peer, gathered so that it is of one process. */
export interface PeerFacts extends IdentityFacts {
  readonly groups: Reading<readonly number[]>;
  readonly securityLabel: Reading<Buffer>;
}

/**
 * Asks the kernel who is at the other end of a socket. The order matters:
 * first the pin, then /proc, then whether the pin still holds.
 *
 * @param socket - connected, or listening (its peer is then who called listen(2))
 */
export function inspectPeer(socket: Fd, witness: Witness): Pinned<PeerFacts> {
  for (let restarts = 0; ; restarts++) {
    const inspection = inspectOnce(socket, witness);
    const { facts, pin } = inspection;
    if (pin === undefined || facts.same !== false || restarts === mostRestarts) return inspection;
    if (!hasChanged(socket, facts.credential, witness)) return inspection;
    inspection[Symbol.dispose]();
  }
}

/** Of a datagram socket that could not be asked: it has a peer no more than one that could. */
export const noPeer: Pinned<PeerFacts> = {
  facts: {
    credential: { value: undefined },
    groups: notAsked(),
    securityLabel: notAsked(),
    named: undefined,
    pinned: notAsked(),
    same: undefined,
    refusedAsEnded: false,
  },
  pin: undefined,
  [Symbol.dispose]: () => undefined,
};

function notAsked<T>(): Reading<T> {
  return { error: { syscall: 'not asked, since a datagram socket has no peer', code: 'ENODATA' } };
}

/** A listener may change hands by listen(2) at any time, but hardly this often while it is looked at. */
const mostRestarts = 3;

/** Whether another process called listen(2) since the credential was asked for: then the pidfd may be of that one. */
function hasChanged(socket: Fd, before: Reading<Credential | undefined>, witness: Witness): boolean {
  const was = valueOf(before);
  const differs = (now: Credential | undefined): boolean =>
    now?.pid !== was?.pid || now?.uid !== was?.uid || now?.gid !== was?.gid;
  const again = witness.ask(() => peerCredential(socket), {
    ...credentialWords(socket),
    concluded: (now) =>
      differs(now)
        ? 'another process called listen(2) meanwhile, so all is asked anew'
        : 'as before: no other process called listen(2) meanwhile',
  });
  return 'value' in again && differs(again.value);
}

function inspectOnce(socket: Fd, witness: Witness): Pinned<PeerFacts> {
  const credential = askCredential(socket, witness);
  const groups = askGroups(socket, witness);
  const securityLabel = askSecurityLabel(socket, witness);
  const pidfd = askPidfd(socket, witness);
  const refusedAsEnded = 'error' in pidfd && pidfd.error.code === 'EINVAL' && pidfdsAreGiven(witness);
  const { facts, pin, ...disposal } = identify(credential, pidfd, refusedAsEnded, witness);
  return { facts: { ...facts, groups, securityLabel }, pin, ...disposal };
}

function askCredential(socket: Fd, witness: Witness): Reading<Credential | undefined> {
  return witness.ask(() => peerCredential(socket), {
    ...credentialWords(socket),
    concluded: (credential) => {
      if (credential === undefined) return 'the kernel has no credential for this socket';
      if (credential.pid === 0) return 'the process has no number in this PID namespace';
      return 'a number and effective ids as of connect(2), listen(2) or socketpair(2): what most services trust';
    },
  });
}

function askPidfd(socket: Fd, witness: Witness): Reading<Fd> {
  return witness.ask(() => peerPidfd(socket), {
    call: () => `getsockopt(${socket.number}, SOL_SOCKET, SO_PEERPIDFD)`,
    answer: (pidfd) => `${pidfd.number}`,
    concluded: () => 'a descriptor that pins the process, given by the kernel: its number plays no part',
    refused: (code) =>
      ({
        ENODATA: 'the kernel has no credential for this socket',
        ENOPROTOOPT: 'this kernel has no SO_PEERPIDFD (it came with Linux 6.5)',
        EINVAL: 'either the peer is reaped already (Linux 6.5 to 6.15), or the kernel has no SO_PEERPIDFD',
      })[code] ?? 'something forbids the question',
  });
}

function askGroups(socket: Fd, witness: Witness): Reading<readonly number[]> {
  return witness.ask(() => peerGroups(socket), {
    call: () => `getsockopt(${socket.number}, SOL_SOCKET, SO_PEERGROUPS)`,
    answer: (groups) => (groups.length === 0 ? 'none' : groups.join(' ')),
  });
}

function askSecurityLabel(socket: Fd, witness: Witness): Reading<Buffer> {
  return witness.ask(() => peerSecurityLabel(socket), {
    call: () => `getsockopt(${socket.number}, SOL_SOCKET, SO_PEERSEC)`,
    answer: (label) => textOf(label),
    refused: (code) => (code === 'ENOPROTOOPT' ? 'no security module labels sockets here' : undefined),
  });
}

/** Everything that is told of one socket and its peer. */
export interface Report {
  readonly socket: SocketFacts;
  readonly recordedBy: RecordingCall;
  readonly peer: PeerFacts;
  readonly judgement: Judgement;
  /** The verdict in words. */
  readonly sentence: string;
  /** Undefined when nobody looked for them. */
  readonly holders: Reading<Holders> | undefined;
  readonly findings: readonly Finding[];
  readonly evidence: readonly Step[];
  readonly ourselves: Ourselves;
}

/** A report, and the pin under which it was made. */
export interface PinnedReport extends Disposable {
  readonly report: Report;
  readonly pin: ProcessReference | undefined;
}

/** Inspects the peer of an opened socket, and concludes. */
export function reportOn(opened: PeerSocket, witness: Witness, options: { holders: boolean }): PinnedReport {
  const { socket } = opened;
  const inspection = socket === undefined ? noPeer : inspectPeer(socket, witness);
  try {
    const peer = inspection.facts;
    const { recordedBy } = opened;
    const holders = options.holders ? findHolders(opened, witness) : undefined;
    const judgement = judge(peer);
    const us = ourselves();
    return {
      report: {
        socket: opened.facts,
        recordedBy,
        peer,
        judgement,
        sentence: sentenceOf(judgement, peer, recordedBy, opened.facts.type),
        holders,
        findings: findingsOf({ peer, recordedBy, holders, ourselves: us, asks: valueOf(opened.facts.asks) }),
        evidence: witness.steps,
        ourselves: us,
      },
      pin: inspection.pin,
      [Symbol.dispose]: () => {
        inspection[Symbol.dispose]();
      },
    };
  } catch (error) {
    inspection[Symbol.dispose]();
    throw error;
  }
}

function findHolders({ holders, socket, otherEnd }: PeerSocket, witness: Witness): Reading<Holders> | undefined {
  return holders ?? (socket && holdersOf(otherEnd(), socket, witness));
}
