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
  /** How many those are, where only some of each kind are there. */
  readonly kernelCount?: number;
  /** With `--polkit`. */
  readonly polkit?: PolkitDocument;
}

/** Which process polkit takes for a client, where a service asks about that by the unique name. */
export interface PolkitDocument {
  /** Of the polkit that is installed; absent where none is, or its version is not known. */
  readonly version?: string;
  /**
   * What it goes by: the pidfd of the bus; the PID, and when the process started that has it; nothing, as there is none;
   * `not-known` where that depends on its version.
   */
  readonly goesBy: 'pidfd' | 'start-time' | 'nothing' | 'not-known';
  /** Of whoever has the PID now: clock ticks (a hundredth of a second) since boot. */
  readonly startTicks?: number;
  /** Whether it can be deceived about who the client is: `yes` where it is. */
  readonly deceived: 'no' | 'possible' | 'yes' | 'not-known';
  readonly text: string;
  /** The login session of the process that it takes for the client; null where that is in none. */
  readonly session?: LoginSessionDocument | null;
}

/** A session of systemd-logind(8). */
export interface LoginSessionDocument {
  readonly id: string;
  /** Null where it has none, as one of ssh(1). */
  readonly seat: string | null;
  /** Absent where logind does not know the session. */
  readonly active?: boolean;
  readonly remote?: boolean;
  readonly class?: string;
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
