import { constants } from 'node:os';

import type { Fd } from './fd.js';
import { poll } from './libc.js';
import { goesOn } from './going-on.js';
import { check } from './syscall-error.js';
import { uapi } from './uapi.js';
import { milliseconds } from './monotonic-clock.js';

/**
 * Waits by poll(2) for POLLIN. Nothing else runs in this thread meanwhile.
 *
 * @param timeout - milliseconds
 * @param afterSignal - milliseconds that are left at most once a signal came
 * @returns false when there was nothing within the timeout
 */
export function isReadable(fd: Fd, timeout: number, afterSignal = Infinity): boolean {
  goesOn();
  let until = milliseconds() + timeout;
  const entry = pollEntry(fd);
  for (;;) {
    const ready = poll(entry, 1, Math.max(0, Math.ceil(until - milliseconds())));
    if (ready !== -constants.errno.EINTR) return check(ready, 'poll') > 0;
    until = Math.min(until, milliseconds() + afterSignal);
  }
}

/** Whether something can be written now: poll(2) for POLLOUT. */
export function isWritable(fd: Fd): boolean {
  const entry = pollEntry(fd);
  entry.writeInt16LE(uapi.POLLOUT, 4);
  return check(poll(entry, 1, 0), 'poll') > 0 && (entry.readInt16LE(6) & uapi.POLLOUT) !== 0;
}

/** A struct pollfd that waits for POLLIN. poll(2) */
export function pollEntry(fd: Fd): Buffer {
  const entry = Buffer.alloc(8);
  entry.writeInt32LE(fd.number, 0);
  entry.writeInt16LE(uapi.POLLIN, 4);
  return entry;
}

/**
 * Waits by poll(2) for any of some events. Nothing else runs in this thread meanwhile.
 *
 * @param events - such as POLLIN and POLLOUT, by bits
 * @param timeout - milliseconds
 * @returns false when there was none within the timeout, or a signal came
 */
export function happens(descriptor: number, events: number, timeout: number): boolean {
  const entry = Buffer.alloc(8);
  entry.writeInt32LE(descriptor, 0);
  entry.writeInt16LE(events, 4);
  const ready = poll(entry, 1, Math.max(0, Math.ceil(timeout)));
  return ready !== -constants.errno.EINTR && check(ready, 'poll') > 0;
}
