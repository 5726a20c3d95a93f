/** What `peerpid bus --json` prints. */
import type { Verdict } from '../verdict/verdict.js';
import type { Step } from '../words/evidence.js';
import type { ConclusionDocument } from './conclusion-document.js';
import type { CredentialDocument } from './inspect-document.js';
import type { ProcessDocument } from './process-document.js';
import type { ProcessBrief } from './scan-document.js';
import type { SeenByDocument } from './seen-by-document.js';
import type { HolderDocument, IdDocument } from './socket-document.js';

/** What a D-Bus daemon says of its connections, beside what the kernel says of them: the output of `peerpid bus --json`. */
export interface BusDocument {
  readonly bus: BusItselfDocument;
  /** Those that were chosen, without peerpid's own. */
  readonly connections: readonly BusConnectionDocument[];
  /** Connections that have no name, such as those of monitors; none where names were given. */
  readonly unnamed: readonly UnnamedDocument[];
  /** Well-known names that nobody owns, and for which the bus would start somebody. Absent where the bus does not say. */
  readonly activatable?: readonly string[];
  readonly notSeen: BusNotSeenDocument;
  /** With `--explain`. */
  readonly evidence?: readonly Step[];
}

/** Connections of a process, by the kernel, that have no name on the bus. */
export interface UnnamedDocument {
  /** By the kernel's pidfd, else by the PID. */
  readonly process?: ProcessBrief;
  readonly credential?: CredentialDocument;
  readonly connections: number;
}

/** The bus itself. */
export interface BusItselfDocument {
  /** As SOCKET takes it back. */
  readonly address: string;
  /** By what the bus says of itself: of dbus-broker it is who started it. */
  readonly pid?: number;
  readonly user?: IdDocument;
  /** Who has the other end of peerpid's connection open. Absent where that could not be seen. */
  readonly holders?: readonly HolderDocument[];
  /** True where those are not the bus, so that something stands between. */
  readonly relay?: true;
  /** Whether it gave the pidfd (ProcessFD) of any connection. */
  readonly givesPidfds: boolean;
}

/** What was not looked at, so that nobody takes a part for the whole. */
export interface BusNotSeenDocument {
  /** Names beyond the most that are looked at. */
  readonly names: number;
  /** Connections that ended while the bus was asked. */
  readonly gone: number;
  /** Why the kernel's records are not all known; empty where they are. */
  readonly kernel: readonly string[];
  /** Why names of users are missing; empty where they are not. */
  readonly users: readonly string[];
}

/** A connection of a bus. The verdict is on the PID that the bus gives. */
export interface BusConnectionDocument extends ConclusionDocument {
  /** Never given to another connection while the bus runs. */
  readonly uniqueName: string;
  /** The well-known names that it owns. */
  readonly names: readonly string[];
  /** GetConnectionCredentials; null where the bus gave none. */
  readonly credentials: BusCredentialsDocument | null;
  /** What /proc says of ProcessID now. */
  readonly byPid: ProcessDocument | null;
  /** What ProcessFD pins. */
  readonly byPidfd: ProcessDocument | null;
  /** The kernel's records of this connection, at the bus's end: of several it is not known which is it. Empty where none was seen. */
  readonly kernel: readonly BusSocketDocument[];
}

/** As the bus has them: of connect(2), in the bus's own namespaces. */
export interface BusCredentialsDocument {
  /** ProcessID: absent where the bus gives none, and 0 of a process that has none in its PID namespace. */
  readonly pid?: number;
  /** UnixUserID. */
  readonly uid?: number;
  readonly user?: string;
  /** UnixGroupIDs: the first 65,536 of them. */
  readonly groups?: readonly number[];
  /** How many those are, where it is more than that. */
  readonly groupCount?: number;
  /** LinuxSecurityLabel. */
  readonly securityLabel?: string;
  /** Whether it gave ProcessFD. */
  readonly pidfd: boolean;
  /** What else it gave: the value of a text or number, else its D-Bus signature. */
  readonly others?: readonly BusCredentialDocument[];
}

export interface BusCredentialDocument {
  readonly name: string;
  readonly value?: string | number;
  readonly signature?: string;
}

/** The bus's end of a connection, as the kernel has it: see a row of `scan`. */
export interface BusSocketDocument {
  readonly inode: number;
  readonly peerInode?: number;
  readonly credential: CredentialDocument;
  readonly verdict: Verdict;
  readonly byPidfd?: ProcessBrief | null;
  /** As the bus sees it, where that is in namespaces of its own. */
  readonly seenBy?: SeenByDocument;
}
