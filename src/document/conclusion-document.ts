import type { Finding } from '../verdict/finding.js';
import type { Basis, Verdict } from '../verdict/verdict.js';
import type { Step } from '../words/evidence.js';
import type { Unavailable } from './unavailable.js';

/** What the inspection of a socket and that of a message conclude alike: the end of each document. */
export interface ConclusionDocument {
  readonly verdict: Verdict;
  readonly basis: Basis;
  readonly text: string;
  readonly findings: readonly Finding[];
  /** Every fact that is not known, and why. */
  readonly unavailable: readonly Unavailable[];
  /** With `--explain`. */
  readonly evidence?: readonly Step[];
}
