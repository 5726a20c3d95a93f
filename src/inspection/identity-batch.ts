import type { Fd } from '../../native-probe/fd.js';
import type { Credential } from '../../native-probe/peer-credential.js';
import { pidfdId } from '../../native-probe/pidfd.js';
import { identify, type IdentityFacts, type Pinned, PinnedFacts } from '../identity/identify.js';
import { type ProcFacts, readInFull } from '../identity/proc-facts.js';
import type { Witness } from '../words/evidence.js';
import { type Reading, valueOf } from '../words/reading.js';

/**
 * The processes behind what came together: clients that were accepted, or messages that were received, all of them
 * before any process was looked at. Many are of one process, and a look at a process takes dozens of system calls.
 *
 * What one look found holds for a later one of the batch too, if its own pidfd has the same pidfd id (unique since boot)
 * and its credential says the same. Nothing is kept for the next batch, nor for one without a pidfd or whose pidfd has
 * no id (before Linux 6.9).
 */
export class IdentityBatch {
  readonly #found = new Map<bigint, IdentityFacts<ProcFacts>>();

  /** @param sameAs - for `--explain`: of which other one the process was looked at, and why that look is shown again */
  constructor(private readonly sameAs: string) {}

  /**
   * Identifies a process as {@link identify} does, or gives what an earlier call found for the same one.
   *
   * @param pidfd - owned by what is returned, or closed where an earlier finding is given
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
      witness.conclude(`fstat(${given.number})`, `pidfd id ${id}`, this.sameAs);
      given[Symbol.dispose]();
      return new PinnedFacts({ ...found, credential }, undefined);
    }
    const identity = identify(credential, pidfd, refusedAsEnded, readInFull, witness);
    this.#found.set(id, identity.facts);
    return identity;
  }
}

/** With other ids it may be another thread that connected or sent, and each has its own. */
function areAlike(one: Credential | undefined, other: Credential | undefined): boolean {
  return one?.pid === other?.pid && one?.uid === other?.uid && one?.gid === other?.gid;
}
