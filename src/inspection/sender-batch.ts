import type { Fd } from '../../native-probe/fd.js';
import type { Credential } from '../../native-probe/peer-credential.js';
import { pidfdId } from '../../native-probe/pidfd.js';
import { identify, type IdentityFacts, type Pinned } from '../identity/identify.js';
import { type ProcFacts, readInFull } from '../identity/proc-facts.js';
import type { Witness } from '../words/evidence.js';
import { type Reading, valueOf } from '../words/reading.js';

/**
 * The senders of the messages that one recvmmsg(2) gave. Senders repeat, and to
 * look at a process takes dozens of system calls.
 *
 * All the messages were received before any sender was looked at. So what a
 * look found is as true of a later message of the batch, if that message's own
 * pidfd is of the same process (by its id, which is unique since boot) and its
 * credential has the same number. The next batch is looked at afresh, and so is
 * every message where pidfds have no ids (before Linux 6.9) or none came.
 */
export class SenderBatch {
  readonly #found = new Map<bigint, IdentityFacts<ProcFacts>>();

  /** @param pidfdsAsked - whether the kernel agreed to send pidfds along, so that a missing one says something */
  constructor(readonly pidfdsAsked = true) {}

  /** As {@link identify}, or what that found before in this batch. @param pidfd - owned by what is returned */
  identify(
    credential: Reading<Credential | undefined>,
    pidfd: Reading<Fd>,
    refusedAsEnded: boolean,
    witness: Witness,
  ): Pinned<IdentityFacts<ProcFacts>> {
    const given = valueOf(pidfd);
    const id = given === undefined ? undefined : pidfdId(given);
    if (given === undefined || id === undefined) {
      return identify(credential, pidfd, refusedAsEnded, readInFull, witness);
    }
    const found = this.#found.get(id);
    if (found !== undefined && pidOf(found.credential) === pidOf(credential)) {
      witness.conclude(
        `fstat(${given.number})`,
        `pidfd id ${id}`,
        'the same process as of a message before, which was received in the same call: what was found then, after both had come, is told again',
      );
      return {
        facts: { ...found, credential },
        pin: undefined,
        [Symbol.dispose]: () => {
          given[Symbol.dispose]();
        },
      };
    }
    const identity = identify(credential, pidfd, refusedAsEnded, readInFull, witness);
    this.#found.set(id, identity.facts);
    return identity;
  }
}

function pidOf(credential: Reading<Credential | undefined>): number | undefined {
  return valueOf(credential)?.pid;
}
