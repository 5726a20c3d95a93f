import type { Fd } from '../../native-probe/fd.js';
import { duplicateFrom, openPidfd, pidfdId } from '../../native-probe/pidfd.js';
import { failedWith } from '../../native-probe/syscall-error.js';
import { isUnixSocket, socketInodeOf } from '../../native-probe/unix-socket.js';
import type { Witness } from '../evidence.js';
import type { Holder } from '../holders.js';
import { reading, valueOf } from '../reading.js';

/** A holder that does not let us look into it. */
export interface Refused {
  readonly holder: Holder;
  /** The errno's name. */
  readonly code: string;
}

/** A duplicate of a socket, or who refused one. */
export type Duplicated = { readonly socket: Fd } | { readonly refused: readonly Refused[] };

/**
 * Takes a duplicate of a socket from the first holder that gives one. While it
 * is held the other side sees no end of file, so it is to be closed soon.
 */
export function duplicateFromHolders(inode: number, holders: readonly Holder[], witness: Witness): Duplicated {
  const refused: Refused[] = [];
  for (const holder of holders) {
    try {
      const socket = witness.require(() => duplicateOf(inode, holder), {
        call: () => `pidfd_open(${holder.pid}, 0), pidfd_getfd(that, ${holder.fds.join(' or ')}, 0)`,
        answer: (socket) => (socket === undefined ? 'another file' : `${socket.number}`),
        concluded: (socket) =>
          socket === undefined
            ? 'it has closed the socket meanwhile'
            : 'a duplicate of the socket itself, by its inode: no connection is made',
        refused: (code) => (code === 'EPERM' ? 'it takes the right to trace that process' : undefined),
      });
      if (socket !== undefined) return { socket };
    } catch (error) {
      if (!failedWith(error, 'EPERM', 'EACCES', 'ENOSYS')) throw error;
      refused.push({ holder, code: error.code });
    }
  }
  return { refused };
}

/** Undefined when the holder has another file there by now. */
function duplicateOf(inode: number, { pid, pidfdId: id, fds }: Holder): Fd | undefined {
  using process = unlessGone(() => openPidfd(pid));
  if (process === undefined) return undefined;
  // The number may have changed hands since its holder was found
  if (id !== undefined && pidfdId(process) !== id) return undefined;
  for (const fd of fds) {
    const socket = unlessGone(() => duplicateFrom(process, fd));
    if (socket === undefined) continue;
    if (isSocketOf(inode, socket)) return socket;
    socket[Symbol.dispose]();
  }
  return undefined;
}

/** Other files have inode numbers of their own, and asking one of those for it may take for ever. */
function isSocketOf(inode: number, file: Fd): boolean {
  return valueOf(reading(() => isUnixSocket(file))) === true && socketInodeOf(file) === inode;
}

/** Undefined when it was closed, or its process ended. */
function unlessGone(open: () => Fd): Fd | undefined {
  try {
    return open();
  } catch (error) {
    if (failedWith(error, 'EBADF', 'ESRCH')) return undefined;
    throw error;
  }
}
