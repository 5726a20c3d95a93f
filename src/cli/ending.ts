import { constants } from 'node:fs';

import { exitWithoutDestructors, fcntl } from '../../native-probe/libc.js';
import { uapi } from '../../native-probe/uapi.js';
import { rememberedBlocking } from './standard-output.js';

let isArranged = false;

/**
 * Has the process end without the destructors of what it loaded. koffi's calls fsync(2) on standard output and error,
 * which may take as long as a disk does, and waits for itself for ever where it fails. All that Node does at its end it
 * still does, but for one thing that it leaves to atexit(3): giving standard descriptors back as they were.
 */
export function endWithoutDestructors(): void {
  if (isArranged || !exitWithoutDestructors()) return;
  isArranged = true;
  process.on('exit', giveBack);
}

/** Pipes and sockets, which libuv has not wait. */
function giveBack(): void {
  for (const fd of rememberedBlocking()) {
    const flags = fcntl(fd, uapi.F_GETFL, 0);
    if (flags >= 0 && (flags & constants.O_NONBLOCK) !== 0) fcntl(fd, uapi.F_SETFL, flags & ~constants.O_NONBLOCK);
  }
}
