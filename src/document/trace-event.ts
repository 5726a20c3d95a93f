import type { SocketType } from '../../native-probe/socket-kinds.js';
import type { ProcessState } from '../identity/pinned-process.js';
import type { ExitStatus } from '../identity/wait-status.js';
import type { Verdict } from '../verdict/verdict.js';
import type { IdDocument } from './socket-document.js';
import type { Unavailable } from './unavailable.js';
import type { Container } from './container.js';

/** What `peerpid trace` shows, one object a line. */
export type TraceEvent =
  | TraceStartEvent
  | TraceConnectEvent
  | TraceAcceptEvent
  | TraceEndEvent
  | TraceMessageEvent
  | TraceLostEvent
  | TraceSummaryEvent;

interface Timed {
  /**
   * When the call returned. ISO 8601.
   * @format date-time
   */
  readonly time: string;
}

/** From now on everything is shown. */
export interface TraceStartEvent extends Timed {
  readonly event: 'start';
  /** What cannot be shown of any call, and why. */
  readonly unavailable: readonly Unavailable[];
}

/** A process as BPF recorded it in the kernel when the call returned: nothing of it was read later. */
export interface TracedProcess {
  /** In peerpid's PID namespace; 0 for a process that has none there. */
  readonly pid: number;
  /** Absent before Linux 6.9. */
  readonly pidfdId?: number;
  /** What SO_PEERCRED has: its effective ids when it called connect(2) or listen(2). */
  readonly user: IdDocument;
  readonly group: IdDocument;
  /** Its name, which it chose itself (PR_SET_NAME). */
  readonly comm?: string;
}

/** Who made a call. */
export interface TracedCaller extends TracedProcess {
  /** The thread that made it, as `pid`. */
  readonly thread: number;
  readonly realUser: IdDocument;
  /** Its executable, from the root of its mount namespace; the last 24 names or 256 bytes where `exeCut`. */
  readonly exe?: string;
  readonly exeCut?: true;
  /** The directory of its cgroup of version 2. */
  readonly cgroup: string;
  /** Null where the cgroup names none; absent where it has none of version 2 of its own. So are the next four. */
  readonly slice?: string | null;
  readonly unit?: string | null;
  readonly userUnit?: string | null;
  readonly session?: string | null;
  readonly container?: Container | null;
  /** A 32-bit program. */
  readonly compat?: true;
}

/** Which socket a call was made on, and where it leads. */
interface TracedCall {
  readonly type?: SocketType;
  /** Of the socket on which the call was made. */
  readonly inode: number;
  /** The inode number of the socket's network namespace. */
  readonly networkNamespace: number;
  /** As SOCKET takes it back; absent for none. A relative path is as it was given. */
  readonly address?: string;
  /** `caller`: what was in the caller's memory after the call, which its other threads may have changed since. */
  readonly addressFrom?: 'kernel' | 'caller';
  /** Where a relative path starts, from the root of the caller's mount namespace. */
  readonly directory?: string;
  /** After the call the descriptor was another socket than before: what is shown may be of the latter. */
  readonly descriptorSwapped?: true;
}

/** The process of record at the other end. */
export interface TracedServer extends TracedProcess {
  /** Whether it had not ended when the call returned. */
  readonly alive: boolean;
}

/** A process that has a service's socket open, be it the one that called listen(2) or another. */
export interface TracedHolder {
  readonly pid: number;
  /** Absent before Linux 6.9. */
  readonly pidfdId?: number;
  /** Absent of a process that has ended meanwhile. */
  readonly comm?: string;
}

/** Who has the socket open to which a call led. */
interface TracedService {
  /** Absent where it failed, and of a datagram socket, which has no process of record. */
  readonly server?: TracedServer;
  /** Of the listener, from Linux 6.10 on, or of the datagram socket at the other end. */
  readonly serverInode?: number;
  /** The first 8 by PID, as of at most 10 seconds before; absent where nobody is found, and without `serverInode`. */
  readonly holders?: readonly TracedHolder[];
  readonly moreHolders?: number;
}

/** The client's PID when this was written. */
export interface ClientNow {
  /** Whether a service that sees the PID can trust it at this moment. */
  readonly verdict: Verdict;
  readonly sentence: string;
  /** Of the client; absent where that is not known. */
  readonly state?: ProcessState;
}

/** connect(2) returned. */
export interface TraceConnectEvent extends Timed, TracedCall, TracedService {
  readonly event: 'connect';
  /** Counted from 1. */
  readonly connection: number;
  /** `connected`, or the errno. */
  readonly result: string;
  /** How long the call took, such as in a full backlog. */
  readonly nanoseconds?: number;
  readonly client: TracedCaller;
  /** Absent where it failed. */
  readonly now?: ClientNow;
}

/** accept(2) returned a connection. */
export interface TraceAcceptEvent extends Timed, TracedCall {
  readonly event: 'accept';
  /** The connection's number, where its connect(2) was seen. */
  readonly connection?: number;
  /** How long the client waited since, where its connect(2) was seen. */
  readonly waitedNanoseconds?: number;
  /** Who took it. */
  readonly service: TracedCaller;
  /** The process of record of the client. */
  readonly client?: TracedServer;
}

/** A process that connected has ended. */
export interface TraceEndEvent extends Timed {
  readonly event: 'end';
  /** Its connections that were seen: the first 64. */
  readonly connections: readonly number[];
  readonly client: TracedCaller;
  readonly exitStatus: ExitStatus;
}

/** A message was sent, or not. */
export interface TraceMessageEvent extends Timed, TracedCall, TracedService {
  readonly event: 'message';
  /** `sent`, or the errno. */
  readonly result: string;
  /** What the call returned: bytes, and of sendmmsg(2) messages. */
  readonly returned?: number;
  readonly client: TracedCaller;
  /** Who the sender says it is (SCM_CREDENTIALS); of sendmmsg(2) in its first message. */
  readonly stated?: { readonly pid: number; readonly uid: number; readonly gid: number };
  readonly now?: ClientNow;
}

/** There was no room for some. */
export interface TraceLostEvent extends Timed {
  readonly event: 'lost';
  readonly events: number;
}

/** Who connected to what, how often. */
export interface TracePair {
  /** Its comm. */
  readonly program: string;
  readonly user: IdDocument;
  readonly address: string;
  readonly times: number;
  /** How many of them failed. */
  readonly failed: number;
  /** Of the slowest, where any was timed. */
  readonly slowestNanoseconds?: number;
}

export interface TraceSummaryEvent extends Timed {
  readonly event: 'summary';
  /** Since the beginning. */
  readonly milliseconds: number;
  readonly connections: number;
  readonly failed: number;
  readonly messages: number;
  readonly lost: number;
  readonly verdicts: Partial<Record<Verdict, number>>;
  /** The most frequent first; the first 1000. */
  readonly pairs: readonly TracePair[];
  /** How many more pairs there were, or may have been: beyond 10,000 they are only counted. */
  readonly morePairs: number;
}
