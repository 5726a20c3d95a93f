import { socketOfInode } from '../../../native-probe/sock-diag.js';
import type { Witness } from '../../words/evidence.js';
import { Problem } from '../../words/problem.js';
import { valueOf } from '../../words/reading.js';
import { formatTarget, type Target } from '../address.js';
import type { OpenedSocket } from '../socket-facts.js';
import { duplicateFromHolders } from './duplicate-from-holders.js';
import { notDuplicated } from './not-duplicated.js';
import { openDuplicate } from './open-descriptor.js';
import { holdersOfListed } from './open-without-connecting.js';

/**
 * Opens the socket of an inode number by a duplicate from a process that has it open: no connection is made.
 *
 * @throws Problem where no process is seen to have it, or none gives a duplicate
 */
export function openInode(target: Extract<Target, { kind: 'inode' }>, witness: Witness): OpenedSocket {
  const { inode } = target;
  const subject = formatTarget(target);
  const holders = holdersOfListed(inode, witness);
  const found = valueOf(holders)?.found ?? [];
  const duplicated = duplicateFromHolders(inode, found, witness);
  if ('socket' in duplicated) {
    const opened = openDuplicate(duplicated.socket, witness);
    // Of the other kinds of socket the holders of the other end are asked for
    return opened.facts.state === 'listening' ? { ...opened, holders } : opened;
  }
  const listed = witness.ask(() => socketOfInode(inode), {
    call: () => `sock_diag: the AF_UNIX socket of inode ${inode}`,
    answer: (socket) => (socket === undefined ? 'none' : `${socket.type}, ${socket.state}`),
  });
  if (found.length === 0 && 'value' in listed && listed.value === undefined) {
    throw new Problem(
      'ENOENT',
      `there is no AF_UNIX socket of inode ${inode} in this network namespace, and no process was seen that has it open`,
      'It may be closed by now, or belong to another network namespace: `peerpid scan`, as root, looks there too.',
    );
  }
  throw notDuplicated(subject, holders, duplicated.refused, undefined, 'give its path or @name instead');
}
