import { askChild } from './calls/asking-child.js';
import type { Fd } from './fd.js';
import { linkOf } from './paths.js';
import { isLocal } from './proc/mount.js';
import { failedWith, SyscallError } from './syscall-error.js';

/**
 * Where a symbolic link leads, whatever file system it is on.
 *
 * @param link - open with O_PATH and O_NOFOLLOW
 * @param subject - what an error calls it
 * @throws SyscallError as readlink(2); ETIMEDOUT or EBUSY where the file system does not answer in time; ENOENT without /proc
 */
export function targetOf(link: Fd, subject: string): Buffer {
  if (isLocal(link) === true) return linkOf(link);
  const target = Buffer.alloc(4096);
  try {
    const { errno, answers } = askChild({
      subject,
      descriptors: [link],
      calls: [['readlinkat', 1, Buffer.alloc(1), target, target.length]],
      answers: [target],
    });
    if (errno !== 0) throw new SyscallError('readlink', errno, subject);
    const [answer = target] = answers;
    return answer.subarray(0, answer.indexOf(0));
  } catch (error) {
    if (!failedWith(error, 'ENOSYS')) throw error;
    return linkOf(link);
  }
}
