import type { IdentityFacts } from '../identity/identify.js';
import { valueOf } from '../words/reading.js';

/** Whether the plain PID can be trusted. */
export type Verdict = 'pinned' | 'exited' | 'recycled' | 'contradicted' | 'foreign' | 'unpinned' | 'none';

/**
 * What a verdict rests on: a kernel-given pidfd; the kernel's refusal of one,
 * which Linux 6.5 to 6.15 answer for peers that have ended; or the credential alone.
 */
export type Basis = 'pidfd' | 'refusal' | 'credential';

/** A verdict and what it rests on. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly basis: Basis;
}

/** What may be believed of the PID in these facts. A pidfd that we opened from a number decides nothing by itself. */
export function judge(facts: IdentityFacts): Judgement {
  const credential = valueOf(facts.credential);
  const named = facts.named?.facts !== undefined;
  const pinned = valueOf(facts.pinned);
  if (credential === undefined) {
    // The kernel has either both or neither: with a pidfd, the answer "no credential" was rewritten
    if ('value' in facts.credential && pinned !== undefined) return { verdict: 'contradicted', basis: 'pidfd' };
    return { verdict: 'none', basis: 'credential' };
  }
  if (pinned === undefined) {
    if (credential.pid === 0) return { verdict: 'foreign', basis: 'credential' };
    if (facts.refusedAsEnded) return { verdict: named ? 'recycled' : 'exited', basis: 'refusal' };
    return { verdict: 'unpinned', basis: 'credential' };
  }
  if (credential.pid === 0) {
    // The kernel translates both into our PID namespace, so where the pidfd has a number, pid 0 was rewritten
    return { verdict: (pinned.pid ?? 0) > 0 ? 'contradicted' : 'foreign', basis: 'pidfd' };
  }
  if (pinned.state === 'exited') return { verdict: named ? 'recycled' : 'exited', basis: 'pidfd' };
  if (facts.same === undefined) return { verdict: 'unpinned', basis: 'pidfd' };
  return { verdict: facts.same ? 'pinned' : 'contradicted', basis: 'pidfd' };
}

/** Whether a service may go by the PID. */
export function isBelieved(verdict: Verdict): boolean {
  return verdict === 'pinned';
}
