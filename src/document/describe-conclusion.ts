import type { Finding } from '../verdict/finding.js';
import type { Judgement } from '../verdict/verdict.js';
import type { Step } from '../words/evidence.js';
import type { ConclusionDocument } from './conclusion-document.js';
import type { Names } from './names.js';
import type { Missing } from './unavailable.js';

/** What the inspection of a socket and that of a message conclude alike. */
export interface Concluded {
  readonly judgement: Judgement;
  readonly sentence: string;
  readonly findings: readonly Finding[];
  readonly evidence: readonly Step[] | undefined;
}

/** The verdict, the findings, and what could not be had. @param names - of whom all have been asked for */
export function describeConclusion(inspection: Concluded, missing: Missing, names: Names): ConclusionDocument {
  return {
    verdict: inspection.judgement.verdict,
    basis: inspection.judgement.basis,
    text: inspection.sentence,
    findings: inspection.findings,
    unavailable: [...missing.rows, ...names.missing],
    ...(inspection.evidence && { evidence: inspection.evidence }),
  };
}
