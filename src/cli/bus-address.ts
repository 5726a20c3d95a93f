import { environment } from '../words/environment.js';
import { Problem, wrongUsage } from '../words/problem.js';
import { parseTarget, type Target } from '../socket/address.js';

/** Of the D-Bus specification, "Well-known Message Bus Instances". */
const systemBus = 'unix:path=/run/dbus/system_bus_socket';

/**
 * The address of the bus that was asked for.
 *
 * @throws Problem where it names no socket, or there is no session bus
 */
export function busTarget({
  address,
  session,
}: {
  readonly address: string | undefined;
  readonly session: boolean;
}): Target {
  const typed = address ?? (session ? sessionBus() : (environment('DBUS_SYSTEM_BUS_ADDRESS') ?? systemBus));
  const target = parseTarget(typed);
  if (target.kind === 'path' || target.kind === 'abstract') return target;
  throw wrongUsage(`${typed} is not the address of a bus`, 'Give a path, @name, or an address such as unix:path=….');
}

function sessionBus(): string {
  const given = environment('DBUS_SESSION_BUS_ADDRESS');
  if (given !== undefined) return given;
  const directory = environment('XDG_RUNTIME_DIR');
  if (directory !== undefined) return `${directory}/bus`;
  throw new Problem(
    'ENOENT',
    'there is no session bus here: neither DBUS_SESSION_BUS_ADDRESS nor XDG_RUNTIME_DIR is set',
    'sudo(8) removes them. Name it with --address: `peerpid scan --listening bus` shows the sockets of buses.',
  );
}
