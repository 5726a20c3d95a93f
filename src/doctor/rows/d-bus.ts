import { BusConnection } from '../../../native-probe/bus/bus-connection.js';
import { libsystemdName } from '../../../native-probe/bus/libsystemd.js';
import { isReadable } from '../../../native-probe/poll.js';
import { recv } from '../../../native-probe/libc.js';
import { check, failedWith, SyscallError } from '../../../native-probe/syscall-error.js';
import { openSocketPair } from '../../../native-probe/unix-socket.js';
import { libsystemdPackage } from '../../words/libsystemd-package.js';
import { refusalOf } from '../../words/reading.js';
import { doesNot, refused, type Row, works } from '../row.js';

/** Has libsystemd begin a conversation with us. */
export const dBus: Row = {
  id: 'libsystemd',
  group: 'system',
  name: 'D-Bus by libsystemd',
  tried: `dlopen(3) of ${libsystemdName}; sd_bus_start(3) on a socketpair`,
  without: '`bus`: what a D-Bus daemon says of its connections.',
  try: () => {
    const [one, other] = openSocketPair('stream');
    using ours = other;
    try {
      using connection = new BusConnection(one);
      connection.next();
      return beginsToSpeak(ours.number, isReadable(ours, patience))
        ? works(`authenticates as a client of a bus, by ${libsystemdName}`)
        : doesNot('It did not begin to authenticate as a client of a bus.');
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      if (failedWith(error, 'ENOENT') && error.syscall === 'dlopen') {
        return doesNot(`There is no ${libsystemdName} here.`, `Install ${libsystemdPackage}.`, refusalOf(error));
      }
      return refused(refusalOf(error), 'It does not begin to speak.');
    }
  },
};

/** Milliseconds; it has been written already. */
const patience = 100;

/** "Authentication Protocol" of the D-Bus specification: a NUL, and a command. */
function beginsToSpeak(socket: number, isThere: boolean): boolean {
  if (!isThere) return false;
  const received = Buffer.alloc(256);
  const length = check(recv(socket, received, received.length, 0), 'recv');
  return received.toString('latin1', 0, length).startsWith('\0AUTH EXTERNAL');
}
