import type { DiagSocket } from '../../native-probe/diag-socket.js';
import type { CrowdDocument } from '../document/crowd-document.js';
import { asListed } from '../socket/opening/find-socket.js';
import type { SocketFile } from '../socket/socket-file.js';
import type { Finding } from '../verdict/finding.js';
import { type Reading, valueOf } from '../words/reading.js';
import { boundFile, type BoundFile } from './bound-file/bound-file.js';
import type { PathSearch } from './bound-file/path-search.js';
import { clientsOf, type Crowds } from './crowded/crowds.js';
import { describeCrowd } from './crowded/describe-crowd.js';
import { listenerFindings } from './listener-findings.js';
import { processListText } from './process-list.js';
import type { FoundSocket } from './survey/found-sockets.js';

/** What is concluded of a socket to which others connect or send. */
export interface ListenerAudit {
  /** Its file, which says who may connect; undefined for an abstract name, and when no path leads to the file. */
  readonly file: SocketFile | undefined;
  /** The path by which we reach it, where that is not the one of bind(2). */
  readonly way: Buffer | undefined;
  /** Why nobody can say whether its path leads to it; undefined where that is known. */
  readonly unknown: Reading<never> | undefined;
  readonly findings: readonly Finding[];
  readonly crowd: CrowdDocument | undefined;
}

/** Whether others connect or send to a socket: a listener, or a datagram socket with a name. */
export function isService({ state, type, address }: DiagSocket): boolean {
  return state === 'listening' || (type === 'dgram' && address.kind !== 'unnamed');
}

/** Finds the listeners and receivers that are bound to a file. */
export class ServicesByFile {
  readonly #services = new Map<string, FoundSocket[]>();

  constructor(sockets: Iterable<FoundSocket>) {
    for (const one of sockets) {
      const { file } = one.socket;
      if (file === undefined || !isService(one.socket)) continue;
      const key = keyOf(file);
      const others = this.#services.get(key);
      if (others === undefined) this.#services.set(key, [one]);
      else others.push(one);
    }
  }

  /** A listener or receiver that is bound to a file, other than the socket of this inode number. */
  otherAt(file: SocketFile, inode: number): FoundSocket | undefined {
    return this.#services.get(keyOf(asListed(file)))?.find(({ socket }) => socket.inode !== inode);
  }
}

function keyOf({ device, inode }: NonNullable<DiagSocket['file']>): string {
  return `${device}:${inode}`;
}

/**
 * Looks at a listener or receiver, and at what is at its path now.
 *
 * @param sockets - all that were found
 * @param search - one for all of them
 */
export function auditListener(
  found: FoundSocket,
  sockets: ReadonlyMap<number, FoundSocket>,
  services: ServicesByFile,
  search: PathSearch,
  crowds: Crowds,
): ListenerAudit {
  const { socket, holders } = found;
  const file = socket.file === undefined ? undefined : boundFile(socket, holders, search);
  const bound = valueOf(file);
  const clients = clientsOf(socket, sockets);
  const crowd = crowds.at(found);
  return {
    file: bound !== undefined && 'file' in bound ? bound.file : undefined,
    way: bound !== undefined && 'way' in bound ? bound.way : undefined,
    unknown: file !== undefined && 'error' in file ? file : undefined,
    findings: listenerFindings({
      socket,
      file,
      taker: bound === undefined ? undefined : takerOf(bound, socket, services),
      clients,
      crowd,
    }),
    crowd: crowd && describeCrowd(crowd, clients),
  };
}

/** The holders of the socket whose file is at the path now, as text; undefined where none is known. */
function takerOf(found: BoundFile, socket: DiagSocket, services: ServicesByFile): string | undefined {
  const by = 'by' in found ? found.by : undefined;
  const other = by && services.otherAt(by, socket.inode);
  return other && processListText(other.holders);
}
