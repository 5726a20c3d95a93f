import type { SocketType } from '../../../native-probe/socket-kinds.js';
import { failedWith, named } from '../../../native-probe/syscall-error.js';
import { formatTarget } from '../address.js';
import { otherTypeOf } from './connecting.js';
import type { NamedAddress } from './reaching.js';
import { wrongType } from './not-listed.js';

/**
 * Opens an address as a type, and where that fails tells the address, and if the socket is of another type, of which.
 *
 * @param type - the type that was asked for; undefined for any
 * @throws Problem for another type; else what `open` throws
 */
export async function orWrongType<T>(
  address: NamedAddress,
  type: SocketType | undefined,
  open: () => Promise<T>,
): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const subject = formatTarget(address);
    if (type === undefined || !failedWith(error, 'EPROTOTYPE', 'ECONNREFUSED')) throw named(error, subject);
    const actual = otherTypeOf(address, type);
    if (actual === undefined) throw named(error, subject);
    throw wrongType(subject, type, actual);
  }
}
