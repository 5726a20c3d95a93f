import { isConnectedToClosed } from '../../native-probe/diag-socket.js';
import { socketTypes } from '../../native-probe/socket-kinds.js';
import type { UnixAddress } from '../../native-probe/unix-address.js';
import { peerAddressOf } from '../../native-probe/unix-socket.js';
import type { IdentityFacts } from '../identity/identify.js';
import { type Ourselves, ourselves } from '../identity/ourselves.js';
import type { ProcBrief, ProcRequest } from '../identity/proc-facts.js';
import { askHeldSocket } from '../socket/held-socket.js';
import type { Holders } from '../socket/holders.js';
import type { RecordingCall } from '../socket/recording-call.js';
import { bySeverity, type Finding } from '../verdict/finding.js';
import { findingsOf } from '../verdict/findings.js';
import { goesByWriters } from '../verdict/goes-by-writers.js';
import { judgesByNumber } from '../verdict/judges-by-number.js';
import { receiverClosed } from '../verdict/receiver-closed.js';
import { sentenceOf } from '../verdict/sentence.js';
import type { Judgement } from '../verdict/verdict.js';
import type { Step, Witness } from '../words/evidence.js';
import { valueOf } from '../words/reading.js';
import { PathSearch } from './bound-file/path-search.js';
import { KeptEnds } from './closed-and-kept.js';
import { Crowds } from './crowded/crowds.js';
import { HolderNumbers } from './holder-numbers.js';
import { auditListener, isService, type ListenerAudit, ServicesByFile } from './listeners.js';
import { type AnsweredSocket, identifyPeers, type PeerIdentity } from './peer-identities.js';
import { nameKey, recordedBy } from './recorded-by.js';
import { type HolderSees, HolderViews } from './seen-by/holder-views.js';
import type { Answers, Details } from './survey/answers.js';
import type { FoundSocket, FoundSockets } from './survey/found-sockets.js';

/** What is concluded of one socket. Sockets of which all is the same may have the same object. */
export interface Audited {
  readonly peer: IdentityFacts;
  readonly asks: Answers['asks'];
  /** Undefined without a credential, or when the holders are gone. */
  readonly seenBy: HolderSees | undefined;
  /** Undefined of a socket to which nobody connects. */
  readonly listener: ListenerAudit | undefined;
  /** What the closed socket was bound to that this one is connected to; undefined of others. */
  readonly lostPeer: UnixAddress | undefined;
  readonly recordedBy: RecordingCall;
  /** See goesByWriters(). */
  readonly byWriters: boolean;
  readonly judgement: Judgement;
  readonly sentence: string;
  readonly findings: readonly Finding[];
  readonly evidence: readonly Step[] | undefined;
  /** Undefined when nobody asked for details. */
  readonly details: Details | undefined;
}

/** Concludes from what was found. */
export class Audit {
  readonly #identities: ReadonlyMap<string, PeerIdentity>;
  readonly #listeners: ReadonlySet<string>;
  /** Conclusions by what they follow from: each is made once, since thousands of sockets may have one peer. */
  readonly #concluded = new Map<Answers, Map<number, Audited>>();
  readonly #holderNumbers = new HolderNumbers();
  readonly #services: ServicesByFile;
  readonly #search = new PathSearch();
  readonly #crowds: Crowds;
  readonly #kept: KeptEnds;
  /** Conclusions with a finding more, each made once. */
  readonly #withKept = new Map<Audited, Map<Finding, Audited>>();
  readonly #views = new HolderViews();
  readonly #ourselves: Ourselves = ourselves();

  /**
   * @param request - what of /proc is wanted of the peers
   * @param newWitness - of each peer
   */
  constructor(
    private readonly found: FoundSockets,
    request: ProcRequest<ProcBrief>,
    newWitness: () => Witness,
  ) {
    const sockets = [...found.sockets.values()];
    this.#listeners = new Set(sockets.flatMap((one) => (one.socket.state === 'listening' ? (nameKey(one) ?? []) : [])));
    this.#services = new ServicesByFile(sockets);
    this.#crowds = new Crowds(found.sockets);
    this.#kept = new KeptEnds(found.sockets);
    this.#identities = identifyPeers(sockets.filter(isAnswered), request, newWitness);
  }

  /** Undefined for a socket that was not asked, or that was gone before its peer could be looked at. */
  of(found: FoundSocket): Audited | undefined {
    if (!isAnswered(found)) return undefined;
    const identity = this.#identities.get(found.answers.value.peerKey);
    if (identity === undefined) return undefined;
    const other = this.found.sockets.get(found.socket.peerInode ?? 0);
    const peerAddress = this.#peerAddress(found, other);
    const call = recordedBy(found, peerAddress, other, (one) => this.#listeners.has(nameKey(one) ?? ''));
    // The holders of the end that the credential names
    const peers = found.socket.state === 'listening' ? found.holders : other?.holders;
    const audited = this.#common(found, identity, call, peers);
    const common = isConnectedToClosed(found.socket) ? withLostPeer(audited, peerAddress) : audited;
    const kept = this.#kept.findingOf(found);
    if (kept !== undefined) return this.#andKept(common, kept);
    return isService(found.socket)
      ? withListener(common, auditListener(found, this.found.sockets, this.#services, this.#search, this.#crowds))
      : common;
  }

  #andKept(common: Audited, kept: Finding): Audited {
    let known = this.#withKept.get(common);
    if (known === undefined) this.#withKept.set(common, (known = new Map<Finding, Audited>()));
    let audited = known.get(kept);
    if (audited === undefined) {
      known.set(kept, (audited = { ...common, findings: bySeverity([...common.findings, kept]) }));
    }
    return audited;
  }

  /** The other end's address; of an end not in the list (not accepted yet, or closed) what the socket tells of it. */
  #peerAddress({ socket, holders }: FoundSocket, other: FoundSocket | undefined): Parameters<typeof recordedBy>[1] {
    if (socket.state !== 'connected') return undefined;
    return other === undefined ? valueOf(askHeldSocket(socket.inode, holders, peerAddressOf)) : other.socket.address;
  }

  /** What follows from the answers, the holders at both ends, the call and the type, and from nothing else. */
  #common(
    found: AnsweredSocket,
    identity: PeerIdentity,
    call: RecordingCall,
    peers: Holders['found'] | undefined,
  ): Audited {
    const answers = found.answers.value;
    let concluded = this.#concluded.get(answers);
    if (concluded === undefined) this.#concluded.set(answers, (concluded = new Map<number, Audited>()));
    const key = this.#keyOf(found, call, peers);
    let audited = concluded.get(key);
    if (audited === undefined) concluded.set(key, (audited = this.#conclude(found, identity, call, peers)));
    return audited;
  }

  /** A number for what a conclusion follows from besides the answers. */
  #keyOf(found: AnsweredSocket, call: RecordingCall, peers: Holders['found'] | undefined): number {
    const { socket, holders } = found;
    const held = this.#holderNumbers.of(holders);
    const heldThere = peers === undefined ? 0 : this.#holderNumbers.of(peers) + 1;
    const byWriters = writersCount(found, call) ? 1 : 0;
    const numbers = (held * HolderNumbers.most + heldThere) * 2 + byWriters;
    return (numbers * 4 + calls.indexOf(call)) * 4 + socketTypes.indexOf(socket.type);
  }

  #conclude(
    found: AnsweredSocket,
    { facts, judgement, evidence }: PeerIdentity,
    call: RecordingCall,
    peers: Holders['found'] | undefined,
  ): Audited {
    const {
      socket: { type },
      holders,
      answers: { value: answers },
    } = found;
    const byWriters = writersCount(found, call);
    const peer = { ...facts, credential: answers.credential };
    const seen = this.#views.worst(holders, peer, judgement, answers.details && valueOf(answers.details.groups));
    const findings = findingsOf({
      peer,
      recordedBy: call,
      byWriters,
      holders: peers && { value: this.#holdersOfPeer(peers) },
      ourselves: this.#ourselves,
    });
    return {
      peer,
      asks: answers.asks,
      seenBy: seen,
      recordedBy: call,
      byWriters,
      judgement,
      sentence: sentenceOf(judgement, peer, call, type),
      listener: undefined,
      lostPeer: undefined,
      findings: bySeverity([...(seen?.findings ?? []), ...judgesByNumber(valueOf(answers.asks) ?? []), ...findings]),
      evidence,
      details: answers.details,
    };
  }

  #holdersOfPeer(found: Holders['found']): Holders {
    const { forbidden, hidden, cut, seen } = this.found;
    return { found, notSeen: forbidden.length, hidden, cut, seen };
  }
}

const calls: readonly RecordingCall[] = ['connect(2)', 'listen(2)', 'socketpair(2)', 'connect(2) or listen(2)'];

function writersCount({ socket: { type, address }, answers }: AnsweredSocket, recordedBy: RecordingCall): boolean {
  return goesByWriters({ type, address, recordedBy, asks: valueOf(answers.value.asks) });
}

function withLostPeer(common: Audited, lostPeer: Audited['lostPeer']): Audited {
  return {
    ...common,
    lostPeer,
    findings: bySeverity([...common.findings, receiverClosed((lostPeer?.kind ?? 'unnamed') !== 'unnamed')]),
  };
}

function withListener(common: Audited, listener: ListenerAudit): Audited {
  const told = common.seenBy?.findings ?? [];
  const others = common.findings.filter((one) => !told.includes(one));
  return { ...common, listener, findings: bySeverity([...told, ...listener.findings, ...others]) };
}

function isAnswered(socket: FoundSocket): socket is AnsweredSocket {
  return socket.answers !== undefined && 'value' in socket.answers;
}
