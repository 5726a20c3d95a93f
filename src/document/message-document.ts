import type { Finding } from '../verdict/finding.js';
import type { Basis, Verdict } from '../verdict/verdict.js';
import type { Step } from '../words/evidence.js';
import type { ProcessDocument } from './process-document.js';
import type { Unavailable } from './unavailable.js';

/** A message and its sender. */
export interface MessageDocument {
  readonly bytes: number;
  /** The beginning of the message. */
  readonly preview: string;
  /** How many of the bytes it shows. */
  readonly previewBytes: number;
  /** What a datagram's sender is bound to. */
  readonly from?: string;
  /** SCM_CREDENTIALS; null when there are none. */
  readonly credential: MessageCredentialDocument | null;
  readonly byPid: ProcessDocument | null;
  /** What SCM_PIDFD pins. */
  readonly byPidfd: ProcessDocument | null;
  /** What each descriptor was that came along by SCM_RIGHTS; they are closed. */
  readonly passed: readonly string[];
  readonly verdict: Verdict;
  readonly basis: Basis;
  readonly text: string;
  readonly findings: readonly Finding[];
  readonly unavailable: readonly Unavailable[];
  /** With `--explain`. */
  readonly evidence?: readonly Step[];
}

/** The sender's *real* ids at the moment of sending, or what a privileged one stated. */
export interface MessageCredentialDocument {
  readonly pid: number;
  readonly uid: number;
  readonly user?: string;
  readonly gid: number;
  readonly group?: string;
  readonly securityLabel?: string;
}
