import type { PassOption } from '../../native-probe/socket-kinds.js';
import type { Verdict } from '../verdict/verdict.js';
import type { InspectDocument } from './inspect-document.js';
import type { MessageDocument } from './message-document.js';
import type { ProcessDocument } from './process-document.js';
import type { SocketDocument } from './socket-document.js';

/** One line of `peerpid listen --json`. */
export type ListenEvent =
  ListeningEvent | ConnectionEvent | MessageEvent | ExitEvent | DisconnectEvent | WarningEvent | SummaryEvent;

interface Timed {
  /**
   * ISO 8601.
   * @format date-time
   */
  readonly time: string;
}

export interface ListeningEvent extends Timed {
  readonly event: 'listening';
  readonly socket: SocketDocument;
  /** What messages are asked to carry of their senders: what the kernel agreed to. */
  readonly asks: readonly Exclude<PassOption, 'rights'>[];
}

/** A client that was accepted, with the same fields as `peerpid inspect --json`. */
export interface ConnectionEvent extends Timed, InspectDocument {
  readonly event: 'connection';
  /** Counts from 1. */
  readonly connection: number;
}

/** A message that came, and who sent it. */
export interface MessageEvent extends Timed, MessageDocument {
  readonly event: 'message';
  /** Absent for a datagram, which belongs to no connection. */
  readonly connection?: number;
}

/** The process of record of one or more connections has ended. */
export interface ExitEvent extends Timed {
  readonly event: 'exit';
  /** The first of its connections. */
  readonly connection: number;
  /** The first 256 of them. */
  readonly connections: readonly number[];
  /** How many others there were. */
  readonly moreConnections?: number;
  /** As they were when it connected last. */
  readonly pid?: number;
  readonly comm?: string;
  readonly byPidfd: ProcessDocument;
}

/** The other end was closed, by everybody who had it. */
export interface DisconnectEvent extends Timed {
  readonly event: 'disconnect';
  readonly connection: number;
  /** How many bytes came. */
  readonly bytes: number;
}

/** Something that keeps connections from being accepted for now, clients from the socket (`HARD_TO_REACH`), or marks from messages (`UNASKED`). */
export interface WarningEvent extends Timed {
  readonly event: 'warning';
  readonly code: string;
  readonly text: string;
}

export interface SummaryEvent extends Timed {
  readonly event: 'summary';
  readonly connections: number;
  /** Connections that were open at the end. */
  readonly open: number;
  /** Of connections. */
  readonly verdicts: Partial<Record<Verdict, number>>;
  readonly messages: number;
  readonly messageVerdicts: Partial<Record<Verdict, number>>;
}
