import { listSockets } from '../../native-probe/sock-diag.js';
import type { Names } from '../names.js';
import { ourselves } from '../ourselves.js';
import { valueOf } from '../reading.js';
import { Audit } from './audit.js';
import { describeScannedSocket } from './describe-scanned-socket.js';
import { describeNotSeen, otherNetworkNamespaces } from './not-seen.js';
import { ProcessCatalogue } from './process-catalogue.js';
import type { ScanDocument } from './scan-document.js';
import { findHolders, type FoundSocket, ownSockets } from './socket-source.js';
import { summaryOf } from './summary.js';

/** How a scan is done. */
export interface ScanOptions {
  /** To ask each socket whom its holder has at the other end. */
  readonly audit: boolean;
  /** To ask for what is only told in full: groups and security labels. */
  readonly details: boolean;
  readonly explain: boolean;
}

/** Looks at every AF_UNIX socket that may be seen. */
export function scan(options: ScanOptions, names: Names): ScanDocument {
  const us = ourselves();
  const own = valueOf(us.namespaces)?.net;
  const listed = ownSockets().map((one) => ({ ...one, networkNamespace: own }));
  const found = findHolders(listed, { audit: options.audit, unlisted: false });
  const audit = options.audit ? new Audit(found, options) : undefined;
  const processes = new ProcessCatalogue(us);
  const context = { ...options, sockets: found.sockets, processes, names };
  const sockets = stillThere([...found.sockets.values()]).map((socket) =>
    describeScannedSocket(socket, audit?.of(socket), context),
  );
  const networkNamespaces = otherNetworkNamespaces(found.seen, new Set(own === undefined ? [] : [own]));
  return {
    sockets,
    processes: processes.documents,
    summary: summaryOf(sockets),
    notSeen: describeNotSeen(found, sockets, { audit: options.audit, networkNamespaces }, names),
  };
}

/** A socket without a holder may be one that was closed between the kernel's list and the look at /proc. */
function stillThere(sockets: readonly FoundSocket[]): readonly FoundSocket[] {
  if (sockets.every(({ holders }) => holders.length > 0)) return sockets;
  const there = new Set(listSockets('all').map(({ inode }) => inode));
  return sockets.filter(({ holders, socket }) => holders.length > 0 || there.has(socket.inode));
}
