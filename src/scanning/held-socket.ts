import { constants } from 'node:os';

import type { Fd } from '../../native-probe/fd.js';
import { duplicateFrom, openPidfd, openThreadPidfd, pidfdId } from '../../native-probe/pidfd.js';
import { failedWith, SyscallError } from '../../native-probe/syscall-error.js';
import { socketInodeOf } from '../../native-probe/unix-socket.js';
import { type Reading, reading } from '../reading.js';
import type { FoundHolder } from './socket-source.js';

/**
 * Asks a socket something on a duplicate of it, which is closed at once: while
 * it is held the other end sees no end of file.
 *
 * @param use - is given the duplicate, and must not keep it
 * @returns why not, if no holder lets us have one
 */
export function askHeldSocket<T>(inode: number, holders: readonly FoundHolder[], use: (socket: Fd) => T): Reading<T> {
  let refusal: Reading<T> = { error: { syscall: 'no process was seen that has it open', code: 'ENOENT' } };
  for (const holder of holders) {
    refusal = reading(() => {
      using socket = duplicateOf(inode, holder);
      return use(socket);
    });
    if ('value' in refusal) return refusal;
  }
  return refusal;
}

/** @throws SyscallError EBADF when the holder has closed it */
function duplicateOf(inode: number, { pid, thread, pidfdId: id, fds }: FoundHolder): Fd {
  using process = openPidfd(pid);
  if (pidfdId(process) !== id) throw new SyscallError('pidfd_open', constants.errno.ESRCH, `${pid}`);
  using withDescriptors = thread === undefined ? openPidfd(pid) : openThreadPidfd(thread);
  for (const fd of fds) {
    try {
      const socket = duplicateFrom(withDescriptors, fd);
      if (socketInodeOf(socket) === inode) return socket;
      socket[Symbol.dispose]();
    } catch (error) {
      if (!failedWith(error, 'EBADF')) throw error;
    }
  }
  throw new SyscallError('pidfd_getfd', constants.errno.EBADF, `${pid}`);
}
