import type { DiagSocket } from '../../native-probe/diag-socket.js';
import { thoseAtAddress } from '../socket/opening/find-socket.js';
import type { NamedAddress } from '../socket/opening/reaching.js';
import type { SocketFile } from '../socket/socket-file.js';
import { reading, valueOf } from '../words/reading.js';
import { NetworkNamespaces } from './network-namespaces.js';

/**
 * The sockets that are bound to a file in other network namespaces, what clients reach first: a path leads to them, too.
 * None where no other may be seen or entered.
 */
export function boundElsewhere(path: NamedAddress, file: SocketFile): DiagSocket[] {
  const listed = reading(() => {
    const namespaces = new NetworkNamespaces();
    namespaces.find();
    return namespaces.listOthers();
  });
  return thoseAtAddress(
    (valueOf(listed) ?? []).map(({ socket }) => socket),
    path,
    file,
  );
}
