import type { Finding } from '../verdict/finding.js';
import type { Basis, Judgement, Verdict } from '../verdict/verdict.js';
import type { Step } from '../words/evidence.js';
import type { Missing, Unavailable } from './unavailable.js';

/** What a report on a socket and one on a message conclude alike. */
export interface Concluded {
  readonly judgement: Judgement;
  readonly sentence: string;
  readonly findings: readonly Finding[];
  readonly evidence: readonly Step[];
}

interface ConclusionDocument {
  readonly verdict: Verdict;
  readonly basis: Basis;
  readonly text: string;
  readonly findings: readonly Finding[];
  readonly unavailable: readonly Unavailable[];
  readonly evidence?: readonly Step[];
}

/** The end of each document: the verdict, the findings, and what could not be had. */
export function describeConclusion(report: Concluded, missing: Missing, explain: boolean): ConclusionDocument {
  return {
    verdict: report.judgement.verdict,
    basis: report.judgement.basis,
    text: report.sentence,
    findings: report.findings,
    unavailable: missing.rows,
    ...(explain && { evidence: report.evidence }),
  };
}
