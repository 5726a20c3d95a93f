import { type Finding, finding } from './finding.js';

/**
 * The finding of a datagram socket that is connected to a closed one. It stays connected to that, whatever has the
 * address by now, until a message of its is refused. net/unix/af_unix.c, unix_dgram_sendmsg()
 *
 * @param hadAddress - whether the closed one was bound to an address
 */
export function receiverClosed(hadAddress: boolean): Finding {
  const another = hadAddress
    ? ' If another socket has the address by now, it has to connect again to reach that one.'
    : '';
  return finding(
    'receiver-closed',
    'warning',
    `The socket that it is connected to is closed: its next message will be refused (ECONNREFUSED).${another}`,
  );
}
