import type { DiagSocket } from '../../../native-probe/diag-socket.js';
import { socketOfInode } from '../../../native-probe/sock-diag.js';
import { asSyscall } from '../../../native-probe/syscall-error.js';
import type { Witness } from '../../words/evidence.js';
import { Problem } from '../../words/problem.js';
import { reading, valueOf } from '../../words/reading.js';
import { type AddressTarget, formatTarget, type Target } from '../address.js';
import { fileAt } from '../socket-file.js';
import { isBoundTo } from './find-socket.js';

/**
 * The address by which clients reach the socket of an inode number.
 *
 * @throws Problem where there is none; SyscallError when the kernel has no list of sockets, or may not be asked
 */
export function addressOfInode(target: Extract<Target, { kind: 'inode' }>, witness: Witness): AddressTarget {
  const subject = formatTarget(target);
  const socket = witness.require(() => socketOfInode(target.inode), {
    call: () => `sock_diag: the AF_UNIX socket of inode ${target.inode}`,
    answer: (found) => (found === undefined ? 'none' : `${found.type}, ${found.state}`),
  });
  if (socket === undefined) {
    throw new Problem(
      'ENOENT',
      `there is no AF_UNIX socket of inode ${target.inode} in this network namespace`,
      'It may be closed by now, or belong to another network namespace: `peerpid scan`, as root, looks there too.',
    );
  }
  if (socket.type !== 'dgram' && socket.state !== 'listening') {
    throw new Problem(
      'ECONNREFUSED',
      `${subject} is a ${socket.type} socket that does not listen`,
      '`peerpid inspect` shows who is at its other end.',
    );
  }
  return reached(socket, subject);
}

function reached(socket: DiagSocket, subject: string): AddressTarget {
  const { address } = socket;
  if (address.kind === 'unnamed') {
    throw new Problem('ENOENT', `${subject} has no name`, 'Nobody can connect to it: give a socket that is bound.');
  }
  if (address.kind === 'abstract') return address;
  const file = valueOf(reading(() => asSyscall('', () => fileAt(address.path))));
  if (isBoundTo(socket, address, file)) return address;
  throw new Problem(
    'ENOENT',
    `${subject} was bound to ${formatTarget(address)}, which does not lead to it from here`,
    'Give the path that leads to it, such as one below /proc/PID/root of its process.',
  );
}
