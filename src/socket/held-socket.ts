import { closeElsewhere } from '../../native-probe/calls/closing-elsewhere.js';
import type { Fd } from '../../native-probe/fd.js';
import { duplicateFrom, openPidfd, openThreadPidfd, pidfdId } from '../../native-probe/pidfd.js';
import type { Holder } from '../../native-probe/proc/socket-holders.js';
import { failedWith } from '../../native-probe/syscall-error.js';
import { isUnixSocket, socketInodeOf } from '../../native-probe/unix-socket.js';
import { type Reading, reading, valueOf } from '../words/reading.js';

/** A process that has a socket open, as far as it has to be known to take a duplicate. */
export type HeldBy = Pick<Holder, 'pid' | 'fds'> & Partial<Pick<Holder, 'thread' | 'ring' | 'pidfdId'>>;

/**
 * Asks a socket something on a duplicate of it, which is closed at once: as
 * long as we hold a duplicate, the other end sees no end of file.
 *
 * @param use - is given the duplicate, and must not keep it
 * @returns what `use` returned, or why no holder gave a duplicate that could be asked
 */
export function askHeldSocket<T>(inode: number, holders: readonly HeldBy[], use: (socket: Fd) => T): Reading<T> {
  let refusal: Reading<T> = { error: { syscall: 'no process has it open any more', code: 'ENOENT' } };
  for (const holder of holders) {
    const asked = reading(() => {
      using socket = duplicateOf(inode, holder);
      return socket && { answer: use(socket) };
    });
    if ('error' in asked) refusal = asked;
    else if (asked.value !== undefined) return { value: asked.value.answer };
  }
  return refusal;
}

/**
 * A duplicate of a socket that a process has open: pidfd_getfd(2).
 *
 * @returns undefined when the process is gone, or has closed the socket meanwhile
 * @throws SyscallError EPERM without the right to trace the process (ptrace(2)), ENOSYS, EMFILE
 */
export function duplicateOf(inode: number, { pid, thread, pidfdId: id, fds }: HeldBy): Fd | undefined {
  using process = unlessGone(() => openPidfd(pid));
  if (process === undefined) return undefined;
  // The number may have changed hands since its holder was found
  if (id !== undefined && pidfdId(process) !== id) return undefined;
  using withDescriptors = thread === undefined ? undefined : unlessGone(() => openThreadPidfd(thread));
  for (const fd of fds) {
    const socket = unlessGone(() => duplicateFrom(withDescriptors ?? process, fd));
    if (socket === undefined) continue;
    if (isSocketOf(inode, socket)) return socket;
    closeElsewhere([socket]);
  }
  return undefined;
}

/** Whether a file is that socket. Its kind is asked first: fstat(2) of another kind of file may take for ever. */
function isSocketOf(inode: number, file: Fd): boolean {
  return valueOf(reading(() => isUnixSocket(file))) === true && socketInodeOf(file) === inode;
}

/** Undefined when the descriptor was closed, or its process ended. */
function unlessGone(open: () => Fd): Fd | undefined {
  try {
    return open();
  } catch (error) {
    if (failedWith(error, 'EBADF', 'ESRCH')) return undefined;
    throw error;
  }
}
