import type { Holder } from '../../../native-probe/proc/socket-holders.js';

/** A process as it is named. */
export type Somebody = Pick<Holder, 'pid' | 'comm'>;

/** A process that sleeps in a system call until there is room, once for each socket. */
export interface Blocked {
  readonly process: Somebody;
  /** To which name it sends or connects nothing shows that is read here: it may wait for another one that is full. */
  readonly isPerhapsElsewhere: boolean;
}

/** What holds up others at a listener or a receiver. */
export interface Crowd {
  readonly blocked: readonly Blocked[];
  /** Whether another one is seen to be full, for which those may wait. */
  readonly isAnotherFull: boolean;
  readonly whyNotTaken: WhyNotTaken;
}

/** What keeps a holder from taking what waits. */
export interface KeptHolder {
  readonly process: Somebody;
  readonly by: 'stopped' | 'traced' | 'frozen' | 'ending' | 'descriptors';
  /** How many descriptors it may have, where it has all of them in use. */
  readonly limit?: number;
}

/** Why nobody takes what waits, as far as that is seen. */
export interface WhyNotTaken {
  readonly holders: readonly Somebody[];
  /** How many of the holders were looked at: the first ones. */
  readonly looked: number;
  readonly kept: readonly KeptHolder[];
}
