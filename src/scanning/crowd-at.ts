import type { CrowdDocument } from '../document/crowd-document.js';
import { socketOfInode } from '../../native-probe/sock-diag.js';
import type { Finding } from '../verdict/finding.js';
import { takeSnapshot } from './scan.js';
import { findHolders } from './survey/found-sockets.js';
import { crowdFindings, isNearFull } from './crowded/crowd-findings.js';
import { clientsOf, Crowds } from './crowded/crowds.js';
import { describeCrowd } from './crowded/describe-crowd.js';

/** Who waits at one listener or receiver, and why. */
export interface CrowdAt {
  readonly findings: readonly Finding[];
  readonly crowd?: CrowdDocument;
}

/**
 * Who waits at one listener or receiver, for which all sockets of our network namespace are looked at; nobody, and
 * nothing is, where nobody can be waiting.
 *
 * @param mayConnect - whether a datagram socket of ours may be connected to it
 * @throws SyscallError when the kernel's list cannot be had
 */
export function crowdAt(inode: number, mayConnect: boolean): CrowdAt {
  const socket = socketOfInode(inode);
  const mayBe = socket?.backlog === undefined ? (socket?.queue?.receive ?? 0) > 0 : isNearFull(socket.backlog);
  if (!mayBe) return { findings: [] };
  const { sockets } = findHolders(takeSnapshot(true).listed, { asking: 'nothing', unlisted: false });
  const found = sockets.get(inode);
  if (found === undefined) return { findings: [] };
  const clients = clientsOf(found.socket, sockets);
  const crowd = new Crowds(sockets, mayConnect).at(found);
  const findings = crowdFindings({ socket: found.socket, clients, crowd });
  return crowd === undefined ? { findings } : { findings, crowd: describeCrowd(crowd, clients) };
}
