import type { Verdict } from '../verdict/verdict.js';
import type { Refusal } from '../words/reading.js';
import type { InspectDocument } from './inspect-document.js';

/** How a service may check whether the process at the other end is still its client. */
export type MethodId = 'pid' | 'start-time' | 'pidfd-open' | 'peer-pidfd' | 'verdict';

/** How often a method took the impostor for the client. */
export interface Count {
  readonly fooled: number;
  /** How often it could be tried: less than all rounds where something is missing here. */
  readonly tried: number;
}

export interface MethodDocument {
  readonly id: MethodId;
  /** In how many rounds it recognised the client while that was alive: a method that trusts nobody is no use either. */
  readonly recognised: number;
  /** Of a service that looked while the client was alive. */
  readonly inTime: Count;
  /** Of one that looked when the impostor had the PID already. */
  readonly tooLate: Count;
  /** Why it could not be tried. */
  readonly error?: Refusal;
}

/** A process that had the PID. */
export interface RacerDocument {
  /** Absent before Linux 6.9. */
  readonly pidfdId?: number;
  /** Clock ticks (a hundredth of a second) since boot; absent where /proc could not be mounted. */
  readonly startTicks?: number;
}

/** One client, and the impostor that got its PID. PIDs are those of the namespace. */
export interface ExchangeDocument {
  readonly pid: number;
  readonly client: RacerDocument;
  readonly impostor: RacerDocument;
  /** What `peerpid inspect` says of the service's socket now that the impostor has the PID. */
  readonly inspection: InspectDocument;
}

/** What `peerpid race --json` prints. */
export interface RaceDocument {
  readonly rounds: number;
  /** How the impostor got the PID. */
  readonly takenBy: TakenBy;
  /** How often another process got it first, so that the round was begun again. */
  readonly missed: number;
  /** Whether there was a user namespace too, or root did without. */
  readonly userNamespace: boolean;
  /** The last round. */
  readonly exchange: ExchangeDocument;
  readonly methods: readonly MethodDocument[];
  /** How often each verdict was given of the impostor's number. */
  readonly verdicts: Partial<Record<Verdict, number>>;
  /** Whether a pidfd was given in each round, and never taken for the impostor. */
  readonly shown: boolean;
}

export type TakenBy = 'ns_last_pid' | 'set_tid';
