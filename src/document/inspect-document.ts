/** What peerpid tells, as its JSON has it. The tables are drawn from the same. */
import type { Namespaces } from '../../native-probe/namespaces.js';
import type { Ids } from '../../native-probe/pidfd.js';
import type { PassOption, SocketType } from '../../native-probe/unix-socket.js';
import type { ProcessState } from '../identity/pinned-process.js';
import type { ExitStatus } from '../identity/wait-status.js';
import type { RecordingCall } from '../socket/socket-facts.js';
import type { Finding } from '../verdict/finding.js';
import type { Basis, Verdict } from '../verdict/verdict.js';
import type { Step } from '../words/evidence.js';
import type { Container } from './unit.js';

/** One socket and its peer: the output of `peerpid inspect --json`. */
export interface InspectDocument {
  readonly socket: SocketDocument;
  /** What the kernel recorded of the peer at {@link InspectDocument.recordedBy}; null when there is none. */
  readonly credential: CredentialDocument | null;
  /** The call by which the credential was taken. */
  readonly recordedBy: RecordingCall;
  /** What /proc says of the credential's pid now: what a program that trusts the number would see. */
  readonly byPid: ProcessDocument | null;
  /** What the kernel-given pidfd pins. */
  readonly byPidfd: ProcessDocument | null;
  /** Absent where nobody looked for them, or could. */
  readonly holders?: readonly HolderDocument[];
  readonly verdict: Verdict;
  readonly basis: Basis;
  readonly text: string;
  readonly findings: readonly Finding[];
  /** Every fact that could not be had, and why. */
  readonly unavailable: readonly Unavailable[];
  /** With `--explain`. */
  readonly evidence?: readonly Step[];
}

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

export interface SocketDocument {
  /** As SOCKET takes it back; absent for a socket without a name. */
  readonly address?: string;
  readonly type: SocketType;
  readonly state: 'listening' | 'connected' | 'unconnected';
  readonly inode?: number;
  /** Of the socket's file. */
  readonly owner?: IdDocument;
  readonly group?: IdDocument;
  /**
   * In octal, without the file's type: `0770`.
   * @pattern ^[0-7]{4}$
   */
  readonly mode?: string;
  /** Directories on the way to the file that not everybody may enter. */
  readonly guardedBy?: readonly (FileDocument & { readonly path: string })[];
  /** What the other end is bound to: the peer chose it. */
  readonly peerAddress?: string;
  /** Clients that wait to be accepted. */
  readonly backlog?: { readonly waiting: number; readonly most: number };
  /** What its holders ask to be told; absent where the socket was connected to, and not read itself. */
  readonly asks?: readonly Asked[];
}

/** What is asked of each message's sender, and `rights` where descriptors are taken. The sockets that a listener accepts inherit it. */
export type Asked = PassOption;

/** Who may do what with a file. */
export interface FileDocument {
  readonly owner: IdDocument;
  readonly group: IdDocument;
  /**
   * In octal, without the file's type.
   * @pattern ^[0-7]{4}$
   */
  readonly mode: string;
}

export interface IdDocument {
  readonly id: number;
  readonly name?: string;
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

/** A process. Fields that could not be had are absent, and have a row in `unavailable`. */
export interface ProcessDocument {
  /** 0 when it has no number in this PID namespace; absent when it is reaped. */
  readonly pid?: number;
  readonly pidfdId?: number;
  /**
   * Of /proc/sys/kernel/random/boot_id: with `pid` and `pidfdId` it names a process beyond this boot.
   * @pattern ^[0-9a-f]{32}$
   */
  readonly bootId?: string;
  readonly state: ProcessState;
  /** Null while it runs, or where the kernel does not say. */
  readonly exitStatus: ExitStatus | null;
  /** The process, where the number is only a thread's. */
  readonly threadOf?: number;
  readonly comm?: string;
  readonly exe?: string;
  readonly cmdline?: readonly string[];
  readonly cwd?: string;
  readonly uids?: Ids;
  readonly gids?: Ids;
  readonly groups?: readonly number[];
  readonly cgroup?: string | null;
  /** The unit of the system's systemd, by the cgroup. */
  readonly unit?: string | null;
  /** The unit of a user's own systemd, which that user may name as any service; null where there is none. */
  readonly userUnit?: string | null;
  readonly container?: Container | null;
  /** Null when nobody logged in for it. */
  readonly loginUid?: number | null;
  /**
   * ISO 8601.
   * @format date-time
   */
  readonly startTime?: string;
  /** The inode number of each namespace. */
  readonly namespaces?: Namespaces;
  /** The effective set. */
  readonly capabilities?: readonly string[];
  readonly noNewPrivs?: boolean;
  readonly seccomp?: 'disabled' | 'strict' | 'filter';
  /** Null when nobody traces it. */
  readonly tracerPid?: number | null;
}

export interface HolderDocument {
  readonly pid: number;
  readonly pidfdId?: number;
  readonly comm?: string;
  readonly fds: readonly number[];
}

/** A fact that could not be had. */
export interface Unavailable {
  /** Where it would stand, such as `byPid.exe`. */
  readonly fact: string;
  readonly reason: string;
  /** The errno's name, where the kernel refused. */
  readonly code?: string;
}
