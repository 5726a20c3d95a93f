import type { CallingChild } from '../../native-probe/calls/calling-child.js';
import { startAfterLastPid, startWithSetTid } from '../../native-probe/children/chosen-number.js';
import { startNamed } from '../../native-probe/children/named-child.js';
import { failedWith } from '../../native-probe/syscall-error.js';
import type { TakenBy } from '../document/race-document.js';

/** Starts processes with chosen numbers, by ns_last_pid or by clone3(2) with set_tid, whichever works here. */
export class NumberTaker {
  #by: TakenBy = 'ns_last_pid';

  /** The way that is used. */
  get by(): TakenBy {
    return this.#by;
  }

  /**
   * Starts an impostor with the number.
   *
   * @returns undefined when another process got the number, or when it may not be chosen at all
   */
  take(number: number): CallingChild | undefined {
    if (this.#by === 'set_tid') return startNamed('impostor', (calls) => startWithSetTid(number, calls));
    try {
      return startNamed('impostor', (calls) => startAfterLastPid(number, calls));
    } catch (error) {
      // /proc/sys is read-only, as in containers, not there, or a sandbox forbids it
      if (!failedWith(error, 'EROFS', 'EACCES', 'EPERM', 'ENOENT')) throw error;
      this.#by = 'set_tid';
      return startNamed('impostor', (calls) => startWithSetTid(number, calls));
    }
  }
}
