import type { Fd } from '../../native-probe/fd.js';
import type { Credential } from '../../native-probe/peer-credential.js';
import { pidfdId } from '../../native-probe/pidfd.js';
import { identify, type IdentityFacts, type Pinned } from '../identity/identify.js';
import { type ProcFacts, readInFull } from '../identity/proc-facts.js';
import type { Witness } from '../words/evidence.js';
import { type Reading, valueOf } from '../words/reading.js';

/**
 * The senders of the messages that one recvmmsg(2) gave. Many messages are of
 * one sender, and looking at a process takes dozens of system calls.
 *
 * All the messages were received before any sender was looked at. So what one
 * look found holds for a later message of the batch too, if that message's own
 * pidfd has the same pidfd id (unique since boot) and its credential the same
 * number. Nothing is kept for the next batch, nor for a message without a pidfd
 * or whose pidfd has no id (before Linux 6.9).
 */
export class SenderBatch {
  readonly #found = new Map<bigint, IdentityFacts<ProcFacts>>();

  /**
   * @param pidfdsAsked - whether the kernel agreed to send pidfds along, so that a missing one says something
   * @param leftOutFor - how many descriptors waited to be closed, where it was received without room for more
   */
  constructor(
    readonly pidfdsAsked = true,
    readonly leftOutFor?: number,
  ) {}

  /**
   * Identifies a message's sender as {@link identify} does, or gives what an earlier call found for the same process.
   *
   * @param pidfd - owned by what is returned
   * @returns without a pin where an earlier finding is given
   */
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
    if (found !== undefined && areAlike(valueOf(found.credential), valueOf(credential))) {
      witness.conclude(
        `fstat(${given.number})`,
        `pidfd id ${id}`,
        'the same process as of an earlier message that was received in the same call: what was found then, after both had come, is shown again',
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

/** With other ids it may be another thread that sent it, and each has its own. */
function areAlike(one: Credential | undefined, other: Credential | undefined): boolean {
  return one?.pid === other?.pid && one?.uid === other?.uid && one?.gid === other?.gid;
}
