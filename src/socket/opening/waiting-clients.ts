import type { Backlog, DiagSocket } from '../../../native-probe/diag-socket.js';
import { socketOfInode } from '../../../native-probe/sock-diag.js';
import { reading, valueOf } from '../../words/reading.js';

/**
 * The clients that wait at a listener, told apart from those that have gone, which takes another question.
 *
 * @param own - the inode number of a connection of ours to it, which is none of its clients
 */
export function waitingClients(bound: DiagSocket | undefined, own?: number): Backlog | undefined {
  if (bound?.backlog === undefined) return undefined;
  const asked = valueOf(reading(() => socketOfInode(bound.inode))) ?? bound;
  const { backlog, pending } = asked;
  const isOurs = own !== undefined && pending?.includes(own) === true;
  return backlog && isOurs ? { ...backlog, waiting: backlog.waiting - 1 } : backlog;
}
