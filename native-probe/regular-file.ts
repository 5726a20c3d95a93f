/** The content of a file that others chose: on a FUSE it may never come, so it is read by a child that may be given up. */
import { constants as fileConstants } from 'node:fs';
import { constants } from 'node:os';

import { askChild } from './calls/asking-child.js';
import type { LibraryCall } from './calls/call-chain.js';
import type { Fd } from './fd.js';
import { statusOf } from './paths.js';
import { silentMounts } from './silent-mounts.js';
import { failedWith, SyscallError } from './syscall-error.js';
import { uapi } from './uapi.js';

const { errno } = constants;
const { S_IFMT, S_IFREG, O_RDONLY, O_NONBLOCK, O_NOCTTY } = fileConstants;

/** Bytes of one answer of the child. */
const room = 64 * 1024;

/**
 * The text of a small regular file. Nothing else is opened: no FIFO, no device.
 *
 * @param file - opened with O_PATH
 * @param most - bytes that it may have
 * @param subject - what an error calls it
 * @returns what is before the first NUL
 * @throws SyscallError as open(2) and pread(2); EINVAL for what is no regular file, EFBIG for one of more bytes; ETIMEDOUT
 * or EBUSY where its file system does not answer in time
 */
export function readRegularFile(file: Fd, most: number, subject: string): Buffer {
  const { mode, size, mount } = statusOf(file);
  if ((mode & S_IFMT) !== S_IFREG) throw new SyscallError('no regular file:', errno.EINVAL, subject);
  if (size > most) throw new SyscallError(`more than ${most} bytes:`, errno.EFBIG, subject);
  silentMounts.require(subject, () => mount);
  try {
    const text = read(file, Math.max(1, Math.ceil(Number(size) / room)), subject);
    const end = text.indexOf(0);
    return end < 0 ? text : text.subarray(0, end);
  } catch (error) {
    if (failedWith(error, 'ETIMEDOUT')) silentMounts.add(mount);
    throw error;
  }
}

function read(file: Fd, parts: number, subject: string): Buffer {
  const buffers = Array.from({ length: parts }, () => Buffer.alloc(room));
  // The lowest number that is free in the child, after those of its socket and of the file
  const opened = 2;
  const { errno: failed, answers } = askChild({
    subject,
    descriptors: [file],
    calls: [
      // Without O_NONBLOCK it would wait for whoever has a lease on it. fcntl(2), F_SETLEASE
      ['open', Buffer.from('/proc/self/fd/1\0'), O_RDONLY | O_NONBLOCK | O_NOCTTY | uapi.O_CLOEXEC],
      ...buffers.map((buffer, index): LibraryCall => ['pread', opened, buffer, room, index * room]),
    ],
    answers: buffers,
  });
  if (failed !== 0) throw new SyscallError('open and read', failed, subject);
  return Buffer.concat(answers);
}
