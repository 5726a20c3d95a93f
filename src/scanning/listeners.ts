import type { DiagSocket } from '../../native-probe/sock-diag.js';
import type { Finding } from '../finding.js';
import { isBoundTo } from '../opening/find-socket.js';
import type { SocketFile } from '../opening/socket-facts.js';
import { type Reading, valueOf } from '../reading.js';
import { type BoundFile, boundFile } from './bound-file.js';
import { listenerFindings } from './listener-findings.js';
import { processListText, processText } from './process-list.js';
import type { FoundSocket } from './socket-source.js';

/** What is concluded of a socket to which others connect or send. */
export interface ListenerAudit {
  /** Who may connect; undefined for an abstract name, and when it cannot be reached. */
  readonly file: SocketFile | undefined;
  /** Why nobody can say whether its path leads to it. */
  readonly unknown: Reading<never> | undefined;
  readonly findings: readonly Finding[];
}

/** Whether others connect or send to a socket: a listener, or a datagram socket with a name. */
export function isService({ state, type, address }: DiagSocket): boolean {
  return state === 'listening' || (type === 'dgram' && address.kind !== 'unnamed');
}

/** Looks at a listener or receiver, and at what is at its path now. @param sockets - all that were found */
export function auditListener(
  { socket, holders }: FoundSocket,
  sockets: ReadonlyMap<number, FoundSocket>,
): ListenerAudit {
  const file = socket.file === undefined ? undefined : boundFile(socket, holders);
  const found = valueOf(file);
  return {
    file: found !== undefined && 'file' in found ? found.file : undefined,
    unknown: file !== undefined && 'error' in file ? file : undefined,
    findings: listenerFindings({
      socket,
      file,
      taker: found === undefined ? undefined : takerOf(found, socket, sockets),
      clients: socket.pending.flatMap((inode) => (sockets.get(inode)?.holders ?? []).slice(0, 1).map(processText)),
    }),
  };
}

/** Who serves the socket file that is at the path now. */
function takerOf(found: BoundFile, socket: DiagSocket, sockets: ReadonlyMap<number, FoundSocket>): string | undefined {
  const by = 'by' in found ? found.by : undefined;
  if (by === undefined) return undefined;
  for (const other of sockets.values()) {
    if (other.socket.inode !== socket.inode && isService(other.socket) && isBoundTo(other.socket, socket.address, by)) {
      return processListText(other.holders);
    }
  }
  return undefined;
}
