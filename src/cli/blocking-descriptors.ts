import { constants, fstatSync, readFileSync } from 'node:fs';

import { nodeFailedWith } from '../../native-probe/syscall-error.js';

/**
 * Which of standard input, output and error wait, as a shell and its other programs have them: libuv has pipes and
 * sockets not wait, for all of them, when Node makes its streams. Others it leaves as they are, and opens terminals anew.
 */
export function blockingDescriptors(): readonly number[] {
  return [0, 1, 2].filter((fd) => isPipeOrSocket(fd) && waits(fd));
}

function isPipeOrSocket(fd: number): boolean {
  const status = fstatSync(fd);
  return status.isFIFO() || status.isSocket();
}

function waits(fd: number): boolean {
  try {
    const [, flags = '0'] = /^flags:\t(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1')) ?? [];
    return (parseInt(flags, 8) & constants.O_NONBLOCK) === 0;
  } catch (error) {
    // Such as without a /proc of this PID namespace: as a rule they wait
    if (!nodeFailedWith(error)) throw error;
    return true;
  }
}
