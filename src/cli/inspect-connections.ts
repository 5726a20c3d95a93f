import { withMissing } from '../document/missing-names.js';
import { SystemNames } from '../document/names.js';
import type { ScanDocument } from '../document/scan-document.js';
import { acceptedAt, connectedTo } from '../scanning/connected-to.js';
import { type ScanOptions, scanSome, takeSnapshot } from '../scanning/scan.js';
import type { SocketFacts } from '../socket/socket-facts.js';
import { wrongUsage } from '../words/problem.js';
import { notHeldUp } from './held-up.js';

/** Scans a listener or a datagram socket, and all that was connected to it. @throws Problem for one end of a connection */
export type ConnectionScan = (socket: Pick<SocketFacts, 'inode' | 'state' | 'address' | 'file'>) => ScanDocument;

/**
 * `inspect --connections`: notes which connections there are now, so before peerpid makes one of its own.
 *
 * @returns what scans those of a socket
 */
export function connectionScan(options: Pick<ScanOptions, 'details' | 'explain' | 'ownNamespace'>): ConnectionScan {
  const snapshot = notHeldUp(() => takeSnapshot(options.ownNamespace));
  return ({ inode, state, address, file }) => {
    if (state === 'connected') {
      throw wrongUsage(
        'this socket is connected itself, so nobody connects to it',
        'Omit --connections: the table shows its one peer.',
      );
    }
    const known = 'error' in inode ? [] : connectedTo(inode.value, snapshot.listed);
    const chosen = known.length > 0 ? known : acceptedAt(address, file, snapshot.listed);
    const names = new SystemNames();
    const scanned = scanSome(
      chosen,
      snapshot,
      { ...options, audit: true, processes: options.details ? 'peers' : 'holders' },
      names,
    );
    return withMissing(scanned, names);
  };
}
