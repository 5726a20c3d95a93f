import type { ConclusionDocument } from './conclusion-document.js';
import type { ProcessDocument } from './process-document.js';

/** A message and its sender. */
export interface MessageDocument extends ConclusionDocument {
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
