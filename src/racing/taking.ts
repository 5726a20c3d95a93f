import type { CallingChild } from '../../native-probe/calling-child.js';
import { startAfterLastPid, startWithSetTid } from '../../native-probe/chosen-number.js';
import { failedWith } from '../../native-probe/syscall-error.js';
import type { TakenBy } from './race-document.js';
import { startImpostor } from './racers.js';

/** Gives numbers away by whichever way works here. */
export class NumberTaker {
  #by: TakenBy = 'ns_last_pid';

  /** The way that is used. */
  get by(): TakenBy {
    return this.#by;
  }

  /**
   * Starts an impostor with the number.
   *
   * @returns undefined when another got it, or when it may not be chosen at all
   */
  take(number: number): CallingChild | undefined {
    if (this.#by === 'set_tid') return startImpostor(number, startWithSetTid);
    try {
      return startImpostor(number, startAfterLastPid);
    } catch (error) {
      // /proc/sys is read-only, as in containers, not there, or a sandbox forbids it
      if (!failedWith(error, 'EROFS', 'EACCES', 'EPERM', 'ENOENT')) throw error;
      this.#by = 'set_tid';
      return startImpostor(number, startWithSetTid);
    }
  }
}
