import { closeElsewhere } from '../../../native-probe/calls/closing-elsewhere.js';
import { Fd } from '../../../native-probe/fd.js';
import { takeStrangers } from '../../../native-probe/socket-answers.js';

/** Has the duplicates closed that were of other files. @param numbers - what a thread took; without it this one's own */
export function closeStrangers(numbers: readonly number[] = takeStrangers()): void {
  closeElsewhere(numbers.map((number) => new Fd(number)));
}
