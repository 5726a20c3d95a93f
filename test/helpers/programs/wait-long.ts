/**
 * Usage: wait-long thread|poll: waits half an hour for what does not come, and ends at SIGTERM. JavaScript sees that
 * only once the wait has ended.
 */
import { writeSync } from 'node:fs';

import { CallingThread } from '../../../native-probe/calls/calling-thread.js';
import { afterSignal } from '../../../native-probe/calls/patience.js';
import { isReadable } from '../../../native-probe/poll.js';
import { openSocketPair } from '../../../native-probe/unix-socket.js';

const halfAnHour = 1_800_000;

process.on('SIGTERM', () => process.exit(7));
const [ours, theirs] = openSocketPair('stream');
const [, , how] = process.argv;
writeSync(1, 'waits\n');
if (how === 'poll') isReadable(ours, halfAnHour, afterSignal);
else {
  const thread = new CallingThread({ answer: 64, stack: 64 * 1024 });
  thread.begin([['read', theirs.number, thread.answer, 1]]);
  thread.hasMade(halfAnHour);
}
// Else it would be nothing but the end of the program
setInterval(() => undefined, halfAnHour);
