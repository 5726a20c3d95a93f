import type { InspectDocument } from './inspect-document.js';

/** A process that takes part. */
export interface ActorDocument {
  readonly pid: number;
  /** Absent before Linux 6.9. */
  readonly pidfdId?: number;
}

/** What a service sees of its client at one moment, and what it does. */
export interface ServiceDocument {
  /** What `peerpid inspect` says of the service's socket. */
  readonly inspection: InspectDocument;
  /** Whether a service that knows its client by PID lets it in: whether that PID is now the trusted process's. */
  readonly trustsPid: boolean;
  /** The same of one that goes by SO_PEERPIDFD; absent where there is none. */
  readonly trustsPidfd?: boolean;
}

/** What `peerpid race --forge --json` prints. */
export interface ForgeDocument {
  /** Who connects. */
  readonly client: ActorDocument;
  /** The process that the service would let in: it has no part in the connection. */
  readonly trusted: ActorDocument;
  /** The BPF program that comes in between. */
  readonly program: {
    /** As `bpftool prog show id` takes it. */
    readonly id: number;
    readonly name: string;
    readonly instructions: number;
    /** The client's cgroup, to which it is attached for the moment. */
    readonly cgroup: string;
  };
  /** Without the program. */
  readonly before: ServiceDocument;
  /** With it, on the same socket. */
  readonly after: ServiceDocument;
}
