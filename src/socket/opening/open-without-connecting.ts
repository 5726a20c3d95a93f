import type { DiagSocket } from '../../../native-probe/diag-socket.js';
import { openSocket } from '../../../native-probe/unix-socket.js';
import type { Witness } from '../../words/evidence.js';
import { type Reading, valueOf } from '../../words/reading.js';
import { formatTarget } from '../address.js';
import { askPassOptions } from '../asks.js';
import { guardedDirectories } from '../guards.js';
import { type Holders, holdersOf } from '../holders.js';
import type { OpenedSocket } from '../socket-facts.js';
import type { HeldSocketFile } from '../socket-file.js';
import type { NamedAddress } from './reaching.js';
import { type Duplicated, duplicateFromHolders } from './duplicate-from-holders.js';
import { notDuplicated, whyNotDuplicated } from './not-duplicated.js';
import { waitingClients } from './waiting-clients.js';

/**
 * Opens a listener or a datagram receiver by a duplicate, taken from a process
 * that has the socket open: nobody sees a connection. A receiver of which
 * nobody gives a duplicate is described from the kernel's list alone.
 *
 * @param known - its holders, where they were looked for already
 * @throws Problem when nobody gives a duplicate of a listener
 */
export function openWithoutConnecting(
  address: NamedAddress,
  held: HeldSocketFile | undefined,
  bound: DiagSocket,
  witness: Witness,
  known?: Reading<Holders>,
): OpenedSocket {
  const { inode, type } = bound;
  // Before the duplicate is taken, so that it is held for a few questions only
  const holders = known ?? holdersOfListed(inode, witness);
  const duplicated = duplicateFromHolders(inode, valueOf(holders)?.found ?? [], witness);
  if ('refused' in duplicated && type !== 'dgram') {
    throw notDuplicated(formatTarget(address), holders, duplicated.refused);
  }
  const socket = 'socket' in duplicated ? duplicated.socket : undefined;
  const close = (): void => socket?.[Symbol.dispose]();
  try {
    return {
      socket,
      recordedBy: 'listen(2)',
      otherEnd: () => ({ value: inode }),
      holders,
      facts: {
        address,
        boundAddress: bound.address,
        type,
        // The kernel calls a receiver connected once anybody has connected to it
        state: type === 'dgram' ? 'unconnected' : 'listening',
        inode: { value: inode },
        file: held?.file,
        guards: address.kind === 'path' ? guardedDirectories(address.path, held?.fd) : undefined,
        peerAddress: undefined,
        backlog: waitingClients(bound),
        asks: passOptionsOf(duplicated, holders, witness),
        way: { by: socket === undefined ? 'list' : 'duplicate' },
      },
      [Symbol.dispose]: close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Who has a socket open of which we have no duplicate yet. */
export function holdersOfListed(inode: number, witness: Witness): Reading<Holders> {
  // None of our descriptors is a duplicate of the socket yet, so that any other one does
  using other = openSocket('dgram');
  return holdersOf({ value: inode }, other, witness);
}

function passOptionsOf(
  duplicated: Duplicated,
  holders: Reading<Holders>,
  witness: Witness,
): OpenedSocket['facts']['asks'] {
  return 'socket' in duplicated
    ? askPassOptions(duplicated.socket, witness)
    : { error: whyNotDuplicated(holders, duplicated.refused) };
}
