import { withMissing } from '../document/missing-names.js';
import { SystemNames } from '../document/names.js';
import type { ScanDocument } from '../document/scan-document.js';
import { acceptedAt, connectedTo } from '../scanning/connected-to.js';
import { scanSome, takeSnapshot } from '../scanning/scan.js';
import type { SocketFacts } from '../socket/socket-facts.js';
import { wrongUsage } from '../words/problem.js';

/** Scans a listener or a datagram socket, and all that was connected to it. @throws Problem for one end of a connection */
export type ConnectionScan = (socket: Pick<SocketFacts, 'inode' | 'state' | 'address' | 'file'>) => ScanDocument;

/**
 * `inspect --connections`: notes which connections there are now, so before peerpid makes one of its own.
 *
 * @returns what scans those of a socket
 */
export function connectionScan(options: { readonly details: boolean; readonly explain: boolean }): ConnectionScan {
  const snapshot = takeSnapshot();
  return ({ inode, state, address, file }) => {
    if (state === 'connected') {
      throw wrongUsage(
        'this socket is connected itself, so nobody connects to it',
        'Omit --connections: the table shows its one peer.',
      );
    }
    const chosen =
      'error' in inode ? acceptedAt(address, file, snapshot.listed) : connectedTo(inode.value, snapshot.listed);
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
