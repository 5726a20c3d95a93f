import { peerGroups, peerSecurityLabel } from '../../native-probe/peer-credential.js';
import { peerAddressOf } from '../../native-probe/unix-socket.js';
import { judgesByNumber } from '../asks.js';
import type { Step } from '../evidence.js';
import type { Finding } from '../finding.js';
import { bySeverity, findingsOf } from '../findings.js';
import type { Holders } from '../holders.js';
import type { IdentityFacts } from '../identity.js';
import type { RecordingCall } from '../opening/socket-facts.js';
import { type Ourselves, ourselves } from '../ourselves.js';
import { type Reading, reading, valueOf } from '../reading.js';
import { type Judgement, sentenceOf } from '../verdict.js';
import type { Answers } from './answers.js';
import { askHeldSocket } from '../held-socket.js';
import { type HolderSees, HolderViews } from './holder-views.js';
import { auditListener, isService, type ListenerAudit } from './listeners.js';
import { type AnsweredSocket, identifyPeers, type PeerIdentity } from './peer-identities.js';
import { nameKey, recordedBy } from './recorded-by.js';
import type { FoundSocket, FoundSockets } from './socket-source.js';

/** What is concluded of one socket. */
export interface Audited {
  readonly peer: IdentityFacts;
  readonly asks: Answers['asks'];
  /** Undefined without a credential, or when the holders are gone. */
  readonly seenBy: HolderSees | undefined;
  /** Undefined of a socket to which nobody connects. */
  readonly listener: ListenerAudit | undefined;
  readonly recordedBy: RecordingCall;
  readonly judgement: Judgement;
  readonly sentence: string;
  readonly findings: readonly Finding[];
  readonly evidence: readonly Step[];
  /** Undefined when nobody asked for details. */
  readonly details: Details | undefined;
}

/** What is asked only to be told in full. */
export interface Details {
  readonly groups: Reading<readonly number[]>;
  readonly securityLabel: Reading<Buffer>;
}

/** What is wanted of an audit. */
export interface AuditOptions {
  readonly details: boolean;
  readonly explain: boolean;
}

/** Concludes from what was found. */
export class Audit {
  readonly #identities: ReadonlyMap<string, PeerIdentity>;
  readonly #listeners: ReadonlySet<string>;
  /** What is concluded from the same is concluded once: thousands of sockets may have one peer. */
  readonly #findings = new Map<string, readonly Finding[]>();
  readonly #sentences = new Map<string, string>();
  readonly #views = new HolderViews();
  readonly #ourselves: Ourselves = ourselves();

  constructor(
    private readonly found: FoundSockets,
    private readonly options: AuditOptions,
  ) {
    const sockets = [...found.sockets.values()];
    this.#listeners = new Set(sockets.flatMap((one) => (one.socket.state === 'listening' ? (nameKey(one) ?? []) : [])));
    this.#identities = identifyPeers(sockets.filter(isAnswered), options.explain);
  }

  /** Undefined for a socket that was not asked, or whose peer could not be looked at before it was gone. */
  of(found: FoundSocket): Audited | undefined {
    if (!isAnswered(found)) return undefined;
    const answers = found.answers.value;
    const key = answers.peerKey;
    const identity = this.#identities.get(key);
    if (identity === undefined) return undefined;
    const other = this.found.sockets.get(found.socket.peerInode ?? 0);
    const call = recordedBy(found, this.#peerAddress(found, other), other, (one) =>
      this.#listeners.has(nameKey(one) ?? ''),
    );
    const peer = { ...identity.facts, credential: answers.credential };
    const seen = this.#views.worst(found.holders, peer, identity.judgement);
    const listener = isService(found.socket) ? auditListener(found, this.found.sockets) : undefined;
    return {
      peer,
      asks: answers.asks,
      seenBy: seen,
      recordedBy: call,
      judgement: identity.judgement,
      sentence: this.#sentenceOf(key, identity.judgement, peer, call, found),
      listener,
      findings: sortFindings(
        this.#findingsOf(key, peer, call, found),
        seen?.findings,
        listener?.findings,
        judgesByNumber(valueOf(answers.asks) ?? []),
      ),
      evidence: identity.evidence,
      details: this.options.details && valueOf(answers.credential) !== undefined ? detailsOf(found) : undefined,
    };
  }

  /** The other end's own, or where that is not in the list (not accepted yet, or closed) what the socket says. */
  #peerAddress({ socket, holders }: FoundSocket, other: FoundSocket | undefined): Parameters<typeof recordedBy>[1] {
    if (socket.state !== 'connected') return undefined;
    return other === undefined ? valueOf(askHeldSocket(socket.inode, holders, peerAddressOf)) : other.socket.address;
  }

  #sentenceOf(
    key: string,
    judgement: Judgement,
    peer: IdentityFacts,
    call: RecordingCall,
    { socket: { type } }: FoundSocket,
  ): string {
    return cached(this.#sentences, `${key} ${call} ${type}`, () => sentenceOf(judgement, peer, call, type));
  }

  #findingsOf(key: string, peer: IdentityFacts, call: RecordingCall, found: FoundSocket): readonly Finding[] {
    const holders = this.#holdersOfPeer(found);
    const credential = valueOf(peer.credential);
    const known = holders?.found.map(({ pid, pidfdId }) => `${pid}:${pidfdId ?? ''}`).join() ?? '';
    const all = `${key} ${credential?.uid ?? ''} ${credential?.gid ?? ''} ${call} ${known}`;
    return cached(this.#findings, all, () =>
      findingsOf({
        peer,
        recordedBy: call,
        holders: holders === undefined ? undefined : { value: holders },
        ourselves: this.#ourselves,
      }),
    );
  }

  /** Who has the end open that the credential is of. */
  #holdersOfPeer({ socket, holders }: FoundSocket): Holders | undefined {
    const other = socket.state === 'listening' ? holders : this.found.sockets.get(socket.peerInode ?? 0)?.holders;
    if (other === undefined) return undefined;
    const { forbidden, hidden, seen } = this.found;
    return { found: other, notSeen: forbidden.length, hidden, seen };
  }
}

/** The worst first. Most sockets have no more than what is the same for many. */
function sortFindings(common: readonly Finding[], ...more: (readonly Finding[] | undefined)[]): readonly Finding[] {
  const others = more.flatMap((findings) => findings ?? []);
  return others.length === 0 ? common : bySeverity([...others, ...common]);
}

function isAnswered(socket: FoundSocket): socket is AnsweredSocket {
  return socket.answers !== undefined && 'value' in socket.answers;
}

function detailsOf({ socket, holders }: FoundSocket): Details | undefined {
  return valueOf(
    askHeldSocket(socket.inode, holders, (duplicate) => ({
      groups: reading(() => peerGroups(duplicate)),
      securityLabel: reading(() => peerSecurityLabel(duplicate)),
    })),
  );
}

function cached<T>(cache: Map<string, T>, key: string, make: () => T): T {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make();
  cache.set(key, made);
  return made;
}
