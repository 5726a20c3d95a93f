/** What `peerpid scan --watch --json` prints, one object a line. */
import type {
  NotSeenDocument,
  ScanDocument,
  ScannedProcessDocument,
  ScannedSocketDocument,
  ScanSummary,
} from './scan-document.js';

/** One line of `peerpid scan --watch --json`. */
export type WatchEvent = BeginEvent | PresentEvent | CameEvent | WentEvent | ChangedEvent | RoundEvent;

interface Timed {
  /**
   * When the scan was over that showed it, ISO 8601.
   * @format date-time
   */
  readonly time: string;
}

/** The first line: all of the first scan but its sockets, which follow, one on each line. */
export interface BeginEvent extends Timed, Omit<ScanDocument, 'sockets'> {
  readonly event: 'scan';
}

/** A socket that is there at the start. */
export interface PresentEvent extends Timed {
  readonly event: 'present';
  readonly socket: ScannedSocketDocument;
}

/** A socket, and the processes that its `byPid` and `byPidfd` are of, in full. */
export interface WatchedSocket {
  readonly socket: ScannedSocketDocument;
  readonly processes: readonly ScannedProcessDocument[];
}

/** A socket that was not there in the scan before. */
export interface CameEvent extends Timed, WatchedSocket {
  readonly event: 'came';
}

/** A socket that is not there any more, as it was last seen. */
export interface WentEvent extends Timed, WatchedSocket {
  readonly event: 'went';
}

/** A socket that is not as it was in the scan before. */
export interface ChangedEvent extends Timed, WatchedSocket {
  readonly event: 'changed';
  /** What is not as it was, by where it stands in `socket`; of a process by where it stands in `processes`. */
  readonly fields: readonly ChangedField[];
  readonly before: WatchedSocket;
}

/** The end of a scan that showed something: the lines before it are all that there are of it. */
export interface RoundEvent extends Timed {
  readonly event: 'round';
  readonly came: number;
  readonly went: number;
  readonly changed: number;
  readonly summary: ScanSummary;
  readonly notSeen: NotSeenDocument;
}

/** What is compared of a process: not its command line, by which many servers show what they are at. */
export type ChangedFact = 'state' | 'activity' | 'comm' | 'exe' | 'uids' | 'gids' | 'groups' | 'capabilities';

/**
 * What is compared of a socket. `verdict` is the one that counts. Queues, and
 * which clients wait at a listener, are no changes by themselves.
 */
export type ChangedField =
  | 'state'
  | 'peerInode'
  | 'address'
  | 'file'
  | 'networkNamespace'
  | 'owner'
  | 'holders'
  | 'credential'
  | 'verdict'
  | 'seenBy'
  | 'asks'
  | 'shutdown'
  | 'findings'
  | 'byPid'
  | 'byPidfd'
  | `byPid.${ChangedFact}`
  | `byPidfd.${ChangedFact}`;
