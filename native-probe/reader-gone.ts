import { constants } from 'node:os';

import * as libc from './libc.js';
import { check } from './syscall-error.js';

// include/uapi/asm-generic/poll.h, since Linux 2.1.23; told whether asked for or not
const POLLERR = 0x8;
const POLLHUP = 0x10;

/** Whether nobody reads any more what is written to a pipe, a socket or a terminal. poll(2) @throws SyscallError */
export function isReaderGone(fd: number): boolean {
  const asked = Buffer.alloc(8);
  asked.writeInt32LE(fd);
  let result: number;
  // A signal interrupts it even though it does not wait. signal(7)
  do result = libc.poll(asked, 1, 0);
  while (result === -constants.errno.EINTR);
  check(result, 'poll');
  return (asked.readInt16LE(6) & (POLLERR | POLLHUP)) !== 0;
}
