/** What peerpid tells, as its JSON has it. The tables are drawn from the same. */
import type { RecordingCall } from '../socket/recording-call.js';
import type { ConclusionDocument } from './conclusion-document.js';
import type { CrowdDocument } from './crowd-document.js';
import type { ProcessDocument } from './process-document.js';
import type { ServiceSeesDocument } from './seen-by-document.js';
import type { HolderDocument, SocketDocument } from './socket-document.js';

/** One socket and its peer: the output of `peerpid inspect --json`. */
export interface InspectDocument extends ConclusionDocument {
  readonly socket: SocketDocument;
  /** What the kernel recorded of the peer at {@link InspectDocument.recordedBy}; null when there is none. */
  readonly credential: CredentialDocument | null;
  /** The call by which the credential was taken. */
  readonly recordedBy: RecordingCall;
  /** What /proc says of the credential's pid now: what a program that trusts the PID would see. */
  readonly byPid: ProcessDocument | null;
  /** What the kernel-given pidfd pins. */
  readonly byPidfd: ProcessDocument | null;
  /** Absent where nobody looked for them, or could. */
  readonly holders?: readonly HolderDocument[];
  /** Of a listener that systemd has: what systemctl(1) says of it. */
  readonly socketUnit?: SocketUnitDocument;
  /** There where `backlog-near-full` or `queue-full` is among the findings. */
  readonly crowd?: CrowdDocument;
  /** How the service numbers and names those who are known here: absent where it does so as peerpid, or cannot be looked at. */
  readonly serviceSees?: ServiceSeesDocument;
}

/** A socket unit of systemd's. systemd.socket(5) */
export interface SocketUnitDocument {
  readonly unit: string;
  /** The unit that is started by traffic, or was. */
  readonly starts?: string;
}

/** The *effective* ids at the moment of {@link InspectDocument.recordedBy}. */
export interface CredentialDocument {
  /**
   * Below 0 only where something rewrote the answer, such as a BPF program.
   * @minimum -2147483648
   */
  readonly pid: number;
  readonly uid: number;
  readonly user?: string;
  readonly gid: number;
  readonly group?: string;
  /** Supplementary groups. */
  readonly groups?: readonly number[];
  /** Of the Linux security module. */
  readonly securityLabel?: string;
}
