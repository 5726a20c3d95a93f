/** What `peerpid scan --json` prints. The tables are drawn from the same. */
import type { Backlog } from '../../native-probe/diag-socket.js';
import type { PassOption, SocketType } from '../../native-probe/socket-kinds.js';
import type { RecordingCall } from '../socket/recording-call.js';
import type { Finding, FindingId } from '../verdict/finding.js';
import type { Basis, Verdict } from '../verdict/verdict.js';
import type { Step } from '../words/evidence.js';
import type { CrowdDocument } from './crowd-document.js';
import type { ErrorDocument } from './error-document.js';
import type { CredentialDocument, InspectDocument } from './inspect-document.js';
import type { ProcessDocument } from './process-document.js';
import type { BoundInodeDocument, FileDocument, HolderDocument, IdDocument } from './socket-document.js';
import type { SeenByDocument } from './seen-by-document.js';
import type { Unavailable } from './unavailable.js';

/** Every socket that was looked at: the output of `peerpid scan --json`. */
export interface ScanDocument {
  /** Both ends of a connection are a row each. */
  readonly sockets: readonly ScannedSocketDocument[];
  /** Each process that a row's `byPid`, `byPidfd` or `holders` is of, once and in full. */
  readonly processes: readonly ScannedProcessDocument[];
  /** Where sockets live. */
  readonly networkNamespaces: readonly NetworkNamespaceDocument[];
  readonly summary: ScanSummary;
  readonly notSeen: NotSeenDocument;
  /** Where it is known from who has which sockets open, and who their peers are. */
  readonly source: SourceDocument;
  /** With `--by`: how many connections each has. */
  readonly counts?: CountsDocument;
  /** There where sockets or processes were named (`--socket`, `--pid`, `--user`, words) and nothing of them was seen: the exit status is 1 then. */
  readonly nothingChosen?: ErrorDocument['error'];
}

/** `bpf`: a BPF program looked at what the kernel has of each process. `proc`: /proc/PID/fd, and questions to duplicates of sockets. */
export interface SourceDocument {
  readonly by: 'bpf' | 'proc';
  /** Why no BPF program did, where `--source auto` would have it. */
  readonly notBpf?: string;
}

/** What `--by` counts by. */
export type CountedBy = 'client' | 'service' | 'user' | 'unit';

/** What was selected, counted: those that have the most first. */
export interface CountsDocument {
  readonly by: CountedBy;
  readonly rows: readonly CountDocument[];
}

/** How many connections a client, a service, a user or a unit has. */
export interface CountDocument {
  /** As it is shown: command and PID of the first of those that hold the end, a user, a unit, or a container. */
  readonly name: string;
  /** By client or service: the first of those that hold the end, or of a closed one who connected or listened there and runs still. */
  readonly pid?: number;
  /** By user. */
  readonly uid?: number;
  /** Those that wait to be accepted and senders of datagrams, too. */
  readonly connections: number;
  /** Listeners, receivers, and sockets that are not connected. */
  readonly others: number;
  /** The worst of all; absent where nobody could ask. */
  readonly verdict?: Verdict | undefined;
}

/** A network namespace: the names of sockets, and who can connect to them, are its own. network_namespaces(7) */
export interface NetworkNamespaceDocument {
  readonly inode: number;
  /** Whether it is peerpid's. */
  readonly own: boolean;
  /** Whether its sockets were looked at. */
  readonly listed: boolean;
  /** Why they could not be looked at, though that was wanted. */
  readonly refused?: string;
  /** Below /run/netns. */
  readonly name?: string;
  /** How many processes live in it, as far as they may be seen. */
  readonly processes?: number;
  /** One of them. */
  readonly process?: { readonly pid: number; readonly comm: string };
}

/** One socket and its peer, and with `--connections` what is connected to it: the output of `peerpid inspect --json`. */
export interface InspectConnectionsDocument extends InspectDocument {
  /** With `--connections`: the listener or receiver, and what is connected to it. */
  readonly connections?: ScanDocument;
}

/** One socket: one end of a connection, a listener, or one that is not connected. */
export interface ScannedSocketDocument {
  readonly inode: number;
  /** The socket at the other end: a row of its own, as far as it could be seen. */
  readonly peerInode?: number;
  readonly type: SocketType;
  readonly state: 'listening' | 'connected' | 'unconnected';
  /** What it is bound to, as SOCKET takes it; absent without a name. */
  readonly address?: string;
  readonly boundInode?: BoundInodeDocument;
  /** Of a listener's or a receiver's file: who may connect. */
  readonly file?: FileDocument;
  /** What the closed receiver was bound to that a datagram socket is connected to. */
  readonly peerAddress?: string;
  /** True of a datagram socket that is connected to one which is closed. */
  readonly receiverClosed?: true;
  /** Of a listener or a receiver: the path that leads to it from here, where `address` is none. */
  readonly reachedBy?: string;
  /** The inode number of the network namespace that it lives in. */
  readonly networkNamespace?: number;
  /** Who made the socket. */
  readonly owner?: IdDocument;
  /** The processes that have it open, as far as they could be seen. */
  readonly holders: readonly HolderDocument[];
  /** What a holder sees of the peer, in our numbers; null when it has none. Absent where nobody asked. */
  readonly credential?: CredentialDocument | null;
  readonly recordedBy?: RecordingCall;
  /** Which process has the PID now. */
  readonly byPid?: ProcessBrief | null;
  /** What the kernel-given pidfd pins. */
  readonly byPidfd?: ProcessBrief | null;
  /** In our PID namespace. */
  readonly verdict?: Verdict;
  readonly basis?: Basis;
  readonly text?: string;
  /** The same credential as a holder sees it, in its own namespaces: the verdict there is the one that counts. */
  readonly seenBy?: SeenByDocument;
  /** True where the PID cannot be trusted and the holder relies on it, as far as is known: exit status 3. */
  readonly deceives?: true;
  /** What the holder asks the kernel for about each message's sender, and whether it takes descriptors. */
  readonly asks?: readonly PassOption[];
  /**
   * Bytes: what can be read, of a datagram socket the length of the first message only; and the memory of what was sent
   * from here and not read yet, with what the kernel adds to each message.
   */
  readonly queue?: { readonly receive: number; readonly send: number };
  /** A listener's clients that wait to be accepted. */
  readonly backlog?: Backlog;
  /** Directions that are closed already. */
  readonly shutdown?: readonly ('receive' | 'send')[];
  /** The clients that wait to be accepted and have not closed their end in the meantime. */
  readonly pending?: readonly PendingDocument[];
  /** There where `backlog-near-full` or `queue-full` is among the findings. */
  readonly crowd?: CrowdDocument;
  readonly findings: readonly Finding[];
  readonly unavailable: readonly Unavailable[];
  /** With `--explain`. */
  readonly evidence?: readonly Step[];
}

/** What a row says of a process; the whole is in `processes`, under the same pidfd id. `activity` is there where something keeps it. */
export type ProcessBrief = Pick<
  ProcessDocument,
  'pid' | 'pidfdId' | 'state' | 'activity' | 'exitStatus' | 'comm' | 'unit' | 'container'
>;

/** A process, and what is not known of it. */
export interface ScannedProcessDocument extends ProcessDocument {
  readonly unavailable: readonly Unavailable[];
}

/** A client that waits to be accepted. */
export interface PendingDocument {
  readonly inode: number;
  readonly holders: readonly HolderDocument[];
}

/** Numbers of what was selected. */
export interface ScanSummary {
  readonly sockets: number;
  /** A pair of rows counts once, and so does each sender that is connected to a datagram receiver. */
  readonly connections: number;
  readonly listening: number;
  /** Datagram sockets that are bound to a name. */
  readonly receivers: number;
  /** Rows by the verdict that counts: the holder's view. */
  readonly verdicts: Partial<Record<Verdict, number>>;
  /** Those of them that deceive their holder (`deceives`), by the same verdict. */
  readonly deceived: Partial<Record<Verdict, number>>;
  /** Rows by finding. */
  readonly findings: Partial<Record<FindingId, number>>;
}

/** Descriptors that wait in the queue of a socket. The kernel says how many, but not which. */
export interface InFlightDocument {
  /** The socket, and one that has it open. */
  readonly inode: number;
  readonly pid: number;
  readonly comm: string;
  readonly fd: number;
  readonly descriptors: number;
}

/** An AF_UNIX socket that no list had, one process that has it open, and why it has no row. */
export interface UnlistedDocument {
  readonly inode: number;
  readonly pid: number;
  readonly comm: string;
  readonly fd: number;
  /** The inode number of its network namespace, where that is known. */
  readonly networkNamespace?: number;
  readonly reason: string;
}

/** What could not be seen, so that nobody takes a part for the whole: of the whole machine, whatever was chosen. */
export interface NotSeenDocument {
  /** Processes whose descriptors may not be read. */
  readonly processes: readonly { readonly pid: number; readonly comm?: string; readonly owner?: IdDocument }[];
  /** /proc does not even show the processes of others (hidepid). */
  readonly hidden: boolean;
  /** There is no /proc here, or it belongs to another PID namespace: no process could be seen. */
  readonly allProcesses: boolean;
  /** Sockets that no process was seen to hold. */
  readonly withoutHolder: number;
  /** Where there are such: the queues in which descriptors wait in messages that nobody has received yet. */
  readonly inFlight?: readonly InFlightDocument[];
  /** Where there are such: processes with threads or io_uring instances that were not looked at. */
  readonly cut?: number;
  /** Sockets whose holder was seen, and whose credential could not be asked for: of those that were named, where any were. */
  readonly notAsked: number;
  /** Other network namespaces, those that processes live in or that are bound below /run/netns, that were not looked into. */
  readonly networkNamespaces: number;
  /** Processes and sockets whose network namespace is not known; 0 with `--own-namespace`. */
  readonly withoutNamespace: { readonly processes: number; readonly sockets: number };
  /** Where there are such: AF_UNIX sockets that processes have open and that no list had, so that they have no row. */
  readonly unlisted?: readonly UnlistedDocument[];
  /** Where there are such: connected sockets whose other end was not seen and is not closed: those that wait at a listener that was not looked at. */
  readonly withoutOtherEnd?: number;
  /** Why, in words: no root, ptrace_scope, hidepid; for each fact its own. Empty when all was seen. */
  readonly reasons: readonly NotSeenReason[];
}

/**
 * What a reason is of: who has sockets open, what they see, the pidfds of their peers, the files of listeners,
 * other network namespaces, the queues in which descriptors wait, the names of users and groups.
 */
export type NotSeenFact = 'holders' | 'credentials' | 'pidfds' | 'files' | 'networkNamespaces' | 'inFlight' | 'names';

/** Why something about a fact is not known. */
export interface NotSeenReason {
  readonly fact: NotSeenFact;
  readonly reason: string;
}
