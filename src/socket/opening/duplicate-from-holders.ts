import type { Fd } from '../../../native-probe/fd.js';
import type { Holder } from '../../../native-probe/proc/socket-holders.js';
import { type Errno, failedWith } from '../../../native-probe/syscall-error.js';
import type { Witness } from '../../words/evidence.js';
import { fewOf } from '../../words/few.js';
import { duplicateOf } from '../held-socket.js';

/** A holder that we may not take a duplicate from. */
export interface Refused {
  readonly holder: Holder;
  readonly code: Errno;
}

/** A duplicate of a socket, or the holders of which none may be had. */
export type Duplicated = { readonly socket: Fd } | { readonly refused: readonly Refused[] };

/**
 * Takes a duplicate of a socket from the first holder that gives one. While we
 * hold the duplicate the other end sees no end of file, so close it soon.
 */
export function duplicateFromHolders(inode: number, holders: readonly Holder[], witness: Witness): Duplicated {
  const refused: Refused[] = [];
  for (const holder of holders) {
    // There is no descriptor of which a duplicate could be had
    if (holder.ring !== undefined) continue;
    try {
      const socket = witness.require(() => duplicateOf(inode, holder), {
        call: () =>
          `pidfd_open(${holder.thread === undefined ? `${holder.pid}, 0` : `${holder.thread}, PIDFD_THREAD`}), pidfd_getfd(that, ${fewOf(holder.fds, String).join(' or ')}, 0)`,
        answer: (socket) => (socket === undefined ? 'another file' : `${socket.number}`),
        concluded: (socket) =>
          socket === undefined
            ? 'it has closed the socket in the meantime'
            : 'a duplicate of the socket itself, by its inode: no connection is made',
        refused: (code) => (code === 'EPERM' ? 'this needs the right to trace that process' : undefined),
      });
      if (socket !== undefined) return { socket };
    } catch (error) {
      if (!failedWith(error, 'EPERM', 'EACCES', 'ENOSYS')) throw error;
      refused.push({ holder, code: error.code });
    }
  }
  return { refused };
}
