/**
 * Usage: start-over [SIGNAL]: listens for signals, and starts over in the middle of work that is never done, during
 * which it was sent one that libuv took. When it has started over it says so, and ends.
 */

import { writeSync } from 'node:fs';

import { startingOver } from '../../../native-probe/calls/starting-over.js';
import { read } from '../../../native-probe/libc.js';
import { openSocketPair } from '../../../native-probe/unix-socket.js';

const farewell = 'farewell\n';
const isAnew = process.env['START_OVER_ANEW'] !== undefined;
writeSync(1, isAnew ? 'begins anew\n' : 'begins\n');
if (!isAnew) {
  const [, , signal] = process.argv;
  for (const name of ['SIGTERM', 'SIGWINCH'] as const) process.on(name, () => undefined);
  process.env['START_OVER_ANEW'] = '1';
  // Until the event loop has waited once
  setImmediate(() => {
    startingOver(200, { blocking: [], farewell }, () => {
      if (signal !== undefined) for (const name of ['SIGWINCH', signal]) process.kill(process.pid, name);
      const [ours] = openSocketPair('stream');
      for (;;) read(ours.number, Buffer.alloc(1), 1);
    });
  });
}
