/** What `peerpid bus --watch --json` prints, one object a line. */
import type { BusConnectionDocument, BusDocument } from './bus-document.js';

/** One line of `peerpid bus --watch --json`. */
export type BusEvent = BusBeginEvent | BusPresentEvent | BusCameEvent | BusWentEvent | BusNameEvent | BusLostEvent;

interface Timed {
  /**
   * When peerpid had looked, ISO 8601.
   * @format date-time
   */
  readonly time: string;
}

/** The first line: all of the first look but its connections, which follow, one on each line. */
export interface BusBeginEvent extends Timed, Omit<BusDocument, 'connections'> {
  readonly event: 'bus';
}

/** A connection that is there at the start. */
export interface BusPresentEvent extends Timed {
  readonly event: 'present';
  readonly connection: BusConnectionDocument;
}

/** A new connection. */
export interface BusCameEvent extends Timed {
  readonly event: 'came';
  readonly uniqueName: string;
  /** Absent where it had ended before it could be looked at. */
  readonly connection?: BusConnectionDocument;
}

/** A connection that ended, or became a monitor. */
export interface BusWentEvent extends Timed {
  readonly event: 'went';
  readonly uniqueName: string;
}

/** A well-known name that somebody else has now, or nobody. */
export interface BusNameEvent extends Timed {
  readonly event: 'name';
  readonly name: string;
  /** Who had it; absent for nobody. */
  readonly from?: string;
  /** Who has it; absent for nobody. */
  readonly to?: string;
  /** The connection that has it now, as it is by now; absent where it had ended before it could be looked at. */
  readonly connection?: BusConnectionDocument;
}

/** More changed at a time than is kept. */
export interface BusLostEvent extends Timed {
  readonly event: 'lost';
  readonly changes: number;
}
