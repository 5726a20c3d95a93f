import { closeElsewhere } from '../../../native-probe/calls/closing-elsewhere.js';
import { duplicate, type Fd } from '../../../native-probe/fd.js';
import { refuseHeld } from '../../../native-probe/proc/held-processes.js';
import { isConnectedToClosed } from '../../../native-probe/diag-socket.js';
import { duplicateFrom, openPidfd } from '../../../native-probe/pidfd.js';
import { socketOfInode } from '../../../native-probe/sock-diag.js';
import { isUnixSocket } from '../../../native-probe/unix-socket.js';
import type { Witness } from '../../words/evidence.js';
import { Problem } from '../../words/problem.js';
import { reading, valueOf } from '../../words/reading.js';
import { formatTarget, type Target } from '../address.js';
import { askPassOptions } from '../asks.js';
import { peerSocketOf } from '../own-socket.js';
import type { OpenedSocket, SocketFacts } from '../socket-facts.js';

type Descriptor = Extract<Target, { kind: 'descriptor' }>;

/**
 * Takes a duplicate of a socket that a process has open: no connection is
 * made. The other side sees no end of file while the duplicate is held.
 *
 * @throws Problem when it is no AF_UNIX socket; SyscallError as pidfd_open(2) and pidfd_getfd(2) do
 */
export function openDescriptor(target: Descriptor, witness: Witness): OpenedSocket {
  const socket = duplicateOf(target, witness);
  try {
    assertUnixSocket(socket, target);
  } catch (error) {
    closeElsewhere([socket]);
    throw error;
  }
  return openDuplicate(socket, witness);
}

/** What a duplicate tells of its own socket, and closes with it. @throws SyscallError as getsockname(2), getsockopt(2) */
export function openDuplicate(socket: Fd, witness: Witness): OpenedSocket {
  try {
    const opened = peerSocketOf(socket);
    return {
      ...opened,
      facts: {
        ...opened.facts,
        way: { by: 'duplicate' },
        asks: askPassOptions(socket, witness),
        isReceiverClosed: isReceiverClosed(opened.facts, witness),
      },
      [Symbol.dispose]: () => {
        socket[Symbol.dispose]();
      },
    };
  } catch (error) {
    socket[Symbol.dispose]();
    throw error;
  }
}

/** By the kernel's list, which tells that there is another end, and of a closed one no inode; undefined where it has no such socket. */
function isReceiverClosed({ type, state, inode }: SocketFacts, witness: Witness): boolean | undefined {
  const number = valueOf(inode);
  if (type !== 'dgram' || state !== 'connected' || number === undefined) return undefined;
  const listed = witness.ask(() => socketOfInode(number), {
    call: () => `sock_diag: the socket of inode ${number}`,
    answer: (socket) => (socket === undefined ? 'not in this network namespace' : `peer ${socket.peerInode ?? 0}`),
    concluded: (socket) => (socket && isConnectedToClosed(socket) ? 'what it is connected to is closed' : undefined),
  });
  const socket = valueOf(listed);
  return socket && isConnectedToClosed(socket);
}

function duplicateOf(target: Descriptor, witness: Witness): Fd {
  const { pid, fd } = target;
  if (pid === 'self' || pid === process.pid) {
    return witness.require(() => duplicate(fd), {
      call: () => `fcntl(${fd}, F_DUPFD_CLOEXEC, 3)`,
      answer: (socket) => `${socket.number}`,
    });
  }
  using holder = openPidfd(pid);
  const take = (): Fd => {
    refuseHeld(pid, 'pidfd_getfd');
    return duplicateFrom(holder, fd);
  };
  return witness.require(take, {
    call: () => `pidfd_open(${pid}, 0), pidfd_getfd(${holder.number}, ${fd}, 0)`,
    answer: (socket) => `${socket.number}`,
    concluded: () => `a duplicate of descriptor ${fd} of process ${pid}`,
    refused: (code) => (code === 'EPERM' ? 'this needs the right to trace that process' : undefined),
  });
}

function assertUnixSocket(socket: Fd, target: Descriptor): void {
  const answer = reading(() => isUnixSocket(socket));
  if (valueOf(answer) === true) return;
  const what = 'error' in answer ? 'not a socket' : 'a socket, but not an AF_UNIX one';
  throw new Problem(
    'NOT_A_SOCKET',
    `${formatTarget(target)} is ${what}`,
    `\`peerpid scan --long --pid ${target.pid}\` shows which of its descriptors are AF_UNIX sockets.`,
  );
}
