/** Who waits where a backlog is near full or the queue of a datagram receiver is full, and why nobody takes what waits. */
export interface CrowdDocument {
  /** Who holds the clients that wait to be accepted, as far as that is seen. */
  readonly clients: readonly WaitingDocument[];
  /** Who sleeps in connect(2) or sendmsg(2) until there is room. */
  readonly blocked: readonly BlockedDocument[];
  /** True where another backlog or queue was seen to be full, for which those may wait that have `perhapsElsewhere`. */
  readonly anotherFull?: true;
  /** Holders that something was seen to keep from accept(2) or recvmsg(2). */
  readonly kept: readonly KeptDocument[];
}

/** A process that waits. */
export interface WaitingDocument {
  readonly pid: number;
  readonly comm: string;
  /** How many of its sockets wait. */
  readonly sockets: number;
}

export interface BlockedDocument extends WaitingDocument {
  /** True where the name that it connects or sends to is not read. */
  readonly perhapsElsewhere?: true;
}

/** A holder that takes nothing. */
export interface KeptDocument {
  readonly pid: number;
  readonly comm: string;
  readonly by: 'stopped' | 'traced' | 'frozen' | 'ending' | 'descriptors';
  /** How many descriptors it may have, where it has all of them in use. */
  readonly limit?: number;
}
