import { peerPidfd } from '../../native-probe/peer-credential.js';
import { pidfdId } from '../../native-probe/pidfd.js';
import { identify, type IdentityFacts } from '../identity/identify.js';
import type { ProcBrief, ProcRequest } from '../identity/proc-facts.js';
import { isRefusedAsEnded } from '../inspection/refusal.js';
import { askHeldSocket } from '../socket/held-socket.js';
import { judge, type Judgement } from '../verdict/verdict.js';
import type { Step, Witness } from '../words/evidence.js';
import type { Answers } from './survey/answers.js';
import type { FoundSocket } from './survey/found-sockets.js';

/** A socket that was asked. */
export interface AnsweredSocket extends FoundSocket {
  readonly answers: { readonly value: Answers };
}

/** Who is behind a number and a pidfd id: one for all the sockets that answered the same two. */
export interface PeerIdentity {
  readonly facts: IdentityFacts;
  readonly judgement: Judgement;
  readonly evidence: readonly Step[] | undefined;
}

/**
 * Finds out who the peers of sockets are. A peer is looked at once for all the
 * sockets that have it, *after* all of them were asked: so what is found holds
 * for each. The pidfd is taken anew from one of these sockets, and pins the same
 * process if its pidfd id, which is unique since boot, is the same.
 *
 * @param request - what of /proc is wanted of them
 * @param newWitness - of each peer: it may write the evidence down
 * @returns by {@link Answers.peerKey}; a peer is missing if all its sockets are gone meanwhile
 */
export function identifyPeers(
  sockets: Iterable<AnsweredSocket>,
  request: ProcRequest<ProcBrief>,
  newWitness: () => Witness,
): Map<string, PeerIdentity> {
  const identities = new Map<string, PeerIdentity>();
  for (const socket of sockets) {
    const key = socket.answers.value.peerKey;
    if (identities.has(key)) continue;
    const identity = identifyPeer(socket, request, newWitness());
    if (identity !== undefined) identities.set(key, identity);
  }
  return identities;
}

/** @returns undefined when the socket is gone, or has another peer now */
function identifyPeer(
  { socket, holders, answers }: AnsweredSocket,
  request: ProcRequest<ProcBrief>,
  witness: Witness,
): PeerIdentity | undefined {
  const { credential, pidfdId: id } = answers.value;
  if ('error' in id) {
    return conclude(credential, id, isRefusedAsEnded(id, witness), request, witness);
  }
  const asked = askHeldSocket(socket.inode, holders, (duplicate) => {
    const pidfd = peerPidfd(duplicate);
    // Another process may have called listen(2) on a listener meanwhile
    if (pidfdId(pidfd) === id.value) return pidfd;
    pidfd[Symbol.dispose]();
    return undefined;
  });
  if ('error' in asked || asked.value === undefined) return undefined;
  return conclude(credential, { value: asked.value }, false, request, witness);
}

function conclude(
  credential: Answers['credential'],
  pidfd: Parameters<typeof identify>[1],
  refusedAsEnded: boolean,
  request: ProcRequest<ProcBrief>,
  witness: Witness,
): PeerIdentity {
  using identity = identify(credential, pidfd, refusedAsEnded, request, witness);
  return { facts: identity.facts, judgement: judge(identity.facts), evidence: witness.evidence };
}
