import assert from 'node:assert/strict';

import type { Credential } from '../../../native-probe/peer-credential.js';
import { duplicateFrom, openPidfd } from '../../../native-probe/pidfd.js';
import { ourselves } from '../../../src/identity/ourselves.js';
import { PinnedProcess } from '../../../src/identity/pinned-process.js';
import { readInFull } from '../../../src/identity/proc-facts.js';
import { inspectPeer } from '../../../src/inspection/inspect.js';
import { readHolderView } from '../../../src/scanning/seen-by/holder-view.js';
import { seenByFindings } from '../../../src/scanning/seen-by/seen-by-findings.js';
import { type SeenBy, seenBy } from '../../../src/scanning/seen-by/seen-by.js';
import type { Finding } from '../../../src/verdict/finding.js';
import { judge, type Verdict } from '../../../src/verdict/verdict.js';
import { Witness } from '../../../src/words/evidence.js';
import { errorCodeOf, valueOf } from '../../../src/words/reading.js';
import { childrenOf } from '../machine/pid-namespace.js';
import { freshName } from './connected.js';
import { Peer, type PeerOptions } from './peer.js';

/** A peer of a test, and its number in the namespace of the test, whatever programs it was started through. */
export class Resident implements AsyncDisposable {
  private constructor(
    readonly peer: Peer,
    readonly pid: number,
  ) {}

  static async start(options: PeerOptions = {}): Promise<Resident> {
    return Resident.of(await Peer.start(options));
  }

  /** @param from - the process that the peer is, or that started what started it */
  static of(peer: Peer, from = peer.pid): Resident {
    const [child] = childrenOf(from);
    return child === undefined ? new Resident(peer, from) : Resident.of(peer, child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.peer[Symbol.asyncDispose]();
  }
}

/** Has a client connect to a service. @returns the service's descriptor of the connection */
export async function connect(client: Resident, service: Resident): Promise<number> {
  const name = freshName();
  const listener = await service.peer.number('listen', name);
  await client.peer.do('connect', name);
  return service.peer.number('accept', listener);
}

/** What peerpid says from outside of what a service is told. */
export interface Computed {
  readonly seen: SeenBy;
  /** In our namespaces. */
  readonly credential: Credential;
  readonly ours: Verdict;
  readonly findings: readonly Finding[];
}

/** Looks at a connection of a service on a duplicate, as scan does. */
export function computeFor(service: Resident, fd: number): Computed {
  using holder = new PinnedProcess(openPidfd(service.pid));
  const view = readHolderView(service.pid, ourselves());
  using socket = duplicateFrom(holder.pidfd, fd);
  assert.ok(holder.stillHas(service.pid));
  using peer = inspectPeer(socket, readInFull, Witness.silent());
  const judgement = judge(peer.facts);
  const seen = seenBy(view, peer.facts, judgement, ourselves());
  const credential = valueOf(peer.facts.credential);
  assert.ok(credential);
  return { seen, credential, ours: judgement.verdict, findings: seenByFindings(seen, credential, view, ourselves()) };
}

/** The three numbers, or the errno's name of one that nobody can tell. */
export function told({ pid, uid, gid }: SeenBy): Record<string, number | string | undefined> {
  const number = (fact: SeenBy['pid']): number | string | undefined => valueOf(fact) ?? errorCodeOf(fact);
  return { pid: number(pid), uid: number(uid), gid: number(gid) };
}
