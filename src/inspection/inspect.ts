import type { Fd } from '../../native-probe/fd.js';
import {
  type Credential,
  peerCredential,
  peerGroups,
  peerPidfd,
  peerSecurityLabel,
} from '../../native-probe/peer-credential.js';
import { identify, type IdentityFacts, type Pinned, PinnedFacts } from '../identity/identify.js';
import { type Ourselves, ourselves } from '../identity/ourselves.js';
import { type ProcBrief, type ProcFacts, type ProcRequest, readToInspect } from '../identity/proc-facts.js';
import type { Holders } from '../socket/holders.js';
import type { RecordingCall } from '../socket/recording-call.js';
import type { PeerSocket, SocketFacts } from '../socket/socket-facts.js';
import type { Finding } from '../verdict/finding.js';
import { findingsOf } from '../verdict/findings.js';
import { sentenceOf } from '../verdict/sentence.js';
import { goesByWriters } from '../verdict/goes-by-writers.js';
import { judge, type Judgement } from '../verdict/verdict.js';
import type { Step, Witness } from '../words/evidence.js';
import { type Reading, valueOf } from '../words/reading.js';
import { findHolders } from './find-holders.js';
import type { IdentityBatch } from './identity-batch.js';
import { credentialAgainWords, credentialWords, groupsWords, pidfdWords, securityLabelWords } from './questions.js';
import { isRefusedAsEnded } from './refusal.js';

/** Everything that is concluded of one socket and its peer. */
export interface Inspection {
  readonly socket: SocketFacts;
  readonly recordedBy: RecordingCall;
  readonly peer: PeerFacts;
  readonly judgement: Judgement;
  /** The verdict in words. */
  readonly sentence: string;
  /** Undefined when holders were not looked for. */
  readonly holders: Reading<Holders> | undefined;
  readonly findings: readonly Finding[];
  /** Undefined with a silent witness. */
  readonly evidence: readonly Step[] | undefined;
  readonly ourselves: Ourselves;
}

/** Everything that the kernel says of a socket's peer, gathered so that all of it is about one process. */
export interface PeerFacts<Proc extends ProcBrief = ProcFacts> extends IdentityFacts<Proc> {
  readonly groups: Reading<readonly number[]>;
  readonly securityLabel: Reading<Buffer>;
}

/**
 * Inspects the peer of an opened socket, and concludes.
 *
 * @param opened - stays the caller's to close
 * @param options - whether to look for the holders of the other end, and the others that came together with this one
 * @returns the inspection, and the pidfd that pins the peer, which disposing of the result closes; none where another
 * of the batch has one of the same process
 */
export function inspect(
  opened: PeerSocket,
  witness: Witness,
  options: { readonly holders: boolean; readonly batch?: IdentityBatch },
): Pinned<Inspection> {
  const { socket } = opened;
  const { batch } = options;
  const pinned =
    socket === undefined
      ? noPeer
      : batch === undefined
        ? inspectPeer(socket, readToInspect, witness)
        : askPeer(socket, (...found) => batch.identify(...found, witness), witness);
  const { facts: peer, pin } = pinned;
  try {
    const holders = options.holders ? findHolders(opened, peer, witness) : undefined;
    return new PinnedFacts(conclude(opened, peer, holders, witness), pin);
  } catch (error) {
    pinned[Symbol.dispose]();
    throw error;
  }
}

/** What follows from what was found. @param holders - of the other end; undefined when they were not looked for */
export function conclude(
  { facts, recordedBy }: Pick<PeerSocket, 'facts' | 'recordedBy'>,
  peer: PeerFacts,
  holders: Reading<Holders> | undefined,
  witness: Witness,
): Inspection {
  const judgement = judge(peer);
  const us = ourselves();
  return {
    socket: facts,
    recordedBy,
    peer,
    judgement,
    sentence: sentenceOf(judgement, peer, recordedBy, facts.type),
    holders,
    findings: findingsOf({
      peer,
      recordedBy,
      holders,
      ourselves: us,
      asks: valueOf(facts.asks),
      byWriters: goesByWriters({ type: facts.type, address: facts.address, recordedBy, asks: valueOf(facts.asks) }),
      pathChanged: facts.fileReached === 'other',
      lostReceiver:
        facts.isReceiverClosed === true
          ? { hadAddress: (facts.peerAddress?.kind ?? 'unnamed') !== 'unnamed' }
          : undefined,
    }),
    evidence: witness.evidence,
    ourselves: us,
  };
}

/**
 * Asks the kernel who is at the other end of a socket. The order matters: first
 * the pidfd, then /proc, then whether the pidfd's process still has its number.
 * All is asked anew where another process called listen(2) meanwhile.
 *
 * @param socket - connected, or listening (its peer is then who called listen(2))
 * @param request - what of /proc is wanted
 */
export function inspectPeer<Proc extends ProcBrief>(
  socket: Fd,
  request: ProcRequest<Proc>,
  witness: Witness,
): Pinned<PeerFacts<Proc>> {
  return askPeer(socket, (...found) => identify(...found, request, witness), witness);
}

/** Finds the processes behind a credential and a pidfd, as {@link identify} does. */
type Identify<Proc extends ProcBrief> = (
  credential: Reading<Credential | undefined>,
  pidfd: Reading<Fd>,
  refusedAsEnded: boolean,
) => Pinned<IdentityFacts<Proc>>;

function askPeer<Proc extends ProcBrief>(
  socket: Fd,
  identifyPeer: Identify<Proc>,
  witness: Witness,
): Pinned<PeerFacts<Proc>> {
  for (let restarts = 0; ; restarts++) {
    const peer = askOnce(socket, identifyPeer, witness);
    const { facts, pin } = peer;
    if (pin === undefined || facts.same !== false || restarts === mostRestarts) return peer;
    if (!hasChanged(socket, facts.credential, witness)) return peer;
    peer[Symbol.dispose]();
  }
}

/** Another process may call listen(2) on the socket at any time, but hardly this often while we look. */
const mostRestarts = 3;

function askOnce<Proc extends ProcBrief>(
  socket: Fd,
  identifyPeer: Identify<Proc>,
  witness: Witness,
): Pinned<PeerFacts<Proc>> {
  const credential = witness.ask(() => peerCredential(socket), credentialWords(socket));
  const groups = witness.ask(() => peerGroups(socket), groupsWords(socket));
  const securityLabel = witness.ask(() => peerSecurityLabel(socket), securityLabelWords(socket));
  const pidfd = witness.ask(() => peerPidfd(socket), pidfdWords(socket));
  const { facts, pin } = identifyPeer(credential, pidfd, isRefusedAsEnded(pidfd, witness));
  // In this order: to add fields to a copy takes V8 a hundred times as long
  return new PinnedFacts({ groups, securityLabel, ...facts }, pin);
}

/** Whether another process called listen(2) since the credential was read: the pidfd, read later, may be that one's. */
function hasChanged(socket: Fd, before: Reading<Credential | undefined>, witness: Witness): boolean {
  const was = valueOf(before);
  const differs = (now: Credential | undefined): boolean =>
    now?.pid !== was?.pid || now?.uid !== was?.uid || now?.gid !== was?.gid;
  const again = witness.ask(() => peerCredential(socket), credentialAgainWords(socket, differs));
  return 'value' in again && differs(again.value);
}

const notAsked = { error: { syscall: 'not asked, since a datagram socket has no peer', code: 'ENODATA' } } as const;

/** For a datagram socket of which nobody gave us a duplicate: no datagram socket has a peer to ask about. */
const noPeer = new PinnedFacts<PeerFacts>(
  {
    credential: { value: undefined },
    groups: notAsked,
    securityLabel: notAsked,
    named: undefined,
    pinned: notAsked,
    same: undefined,
    refusedAsEnded: false,
  },
  undefined,
);
