import { socketOfInode } from '../../native-probe/sock-diag.js';
import type { Finding } from '../verdict/finding.js';
import { takeSnapshot } from './scan.js';
import { findHolders } from './survey/found-sockets.js';
import { crowdFindings, isNearFull } from './crowded/crowd-findings.js';
import { clientsOf, Crowds } from './crowded/crowds.js';

/**
 * The findings about who waits at one listener or receiver, for which all sockets of our network namespace are looked
 * at; none, and nothing is, where nobody can be waiting.
 *
 * @throws SyscallError when the kernel's list cannot be had
 */
export function crowdAt(inode: number): Finding[] {
  const socket = socketOfInode(inode);
  const mayBe = socket?.backlog === undefined ? (socket?.queue?.receive ?? 0) > 0 : isNearFull(socket.backlog);
  if (!mayBe) return [];
  const { sockets } = findHolders(takeSnapshot().listed, { asking: 'nothing', unlisted: false });
  const found = sockets.get(inode);
  if (found === undefined) return [];
  return crowdFindings({
    socket: found.socket,
    clients: clientsOf(found.socket, sockets),
    crowd: new Crowds(sockets).at(found),
  });
}
