import { BusConnection } from '../../native-probe/bus/bus-connection.js';
import { duplicate } from '../../native-probe/fd.js';
import type { Names } from '../document/names.js';
import { inspect, type Inspection } from '../inspection/inspect.js';
import type { OpenedSocket } from '../socket/socket-facts.js';
import type { Witness } from '../words/evidence.js';
import type { Reading } from '../words/reading.js';
import { type BusCredentials, credentialsIn } from './bus-credentials.js';
import { type BusProcesses, busProcesses } from './bus-process.js';
import { type BusClient, busCredentials, busName, type BusNames, busNames, isGone } from './bus-said.js';
import { type BusSockets, busSockets } from './bus-sockets.js';
import { BusTalk } from './bus-talk.js';
import { type BusClientFacts, lookAtClient } from './look-at-client.js';

/** How to look at a bus. */
export interface BusLookOptions {
  /** Whether a connection is wanted: the others are not looked at. */
  readonly wanted: (client: BusClient) => boolean;
  /** Milliseconds for all that the bus answers. */
  readonly timeout: number;
  /** What a look at other processes is made in, which they may hold up. */
  readonly notHeldUp: <T>(look: () => T) => T;
}

/** A bus, and the connections that were wanted. */
export interface BusFacts {
  /** Of our own connection, whose other end is the bus. */
  readonly inspection: Inspection;
  /** What the bus says of itself. */
  readonly itself: Pick<BusCredentials, 'pid' | 'uid'> | undefined;
  readonly processes: BusProcesses;
  readonly names: BusNames;
  readonly sockets: BusSockets;
  readonly clients: readonly BusClientFacts[];
  /** How many ended while the bus was asked. */
  readonly gone: number;
}

/** A bus that does not say what every bus does. */
export class SilentBus {
  /** @param during - what it was asked */
  constructor(
    readonly during: 'greeting' | 'names',
    readonly why: Reading<never>,
  ) {}
}

/** How many connections' descriptors are open at a time. */
const atOnce = 256;

/**
 * Asks a bus who is connected to it, and the kernel.
 *
 * @param opened - a connection to it, which stays the caller's to close
 * @throws SyscallError where the bus refuses, or ends
 */
export function lookAtBus(
  opened: OpenedSocket & { readonly socket: NonNullable<OpenedSocket['socket']> },
  { wanted, timeout, notHeldUp }: BusLookOptions,
  names: Names,
  witness: Witness,
): BusFacts | SilentBus {
  using connection = new BusConnection(duplicate(opened.socket.number));
  const talk = new BusTalk(connection, timeout);
  if (!talk.greet()) return new SilentBus('greeting', late);
  witness.conclude('AUTH EXTERNAL, Hello', talk.ownName, 'the bus has taken peerpid, and given it this name');
  const [ofItself] = busCredentials(talk, [busName]);
  using said = ofItself && 'value' in ofItself ? credentialsIn(ofItself.value) : undefined;
  using inspected = notHeldUp(() => inspect(opened, witness, { holders: true }));
  const processes = busProcesses(inspected.facts, said?.pid);
  const listed = busNames(talk);
  if ('error' in listed) return new SilentBus('names', listed);
  const chosen = listed.value.clients.filter(wanted);
  witness.conclude('ListNames', `${listed.value.clients.length} connections`, `${chosen.length} of them are looked at`);
  const sockets = notHeldUp(() => busSockets(processes.pids, names));
  const clients: BusClientFacts[] = [];
  for (let start = 0; start < chosen.length; start += atOnce) {
    const some = chosen.slice(start, start + atOnce);
    const credentials = busCredentials(
      talk,
      some.map(({ uniqueName }) => uniqueName),
    );
    some.forEach((client, index) => {
      const given = credentials[index];
      if (given === undefined || isGone(given)) return;
      clients.push(lookAtClient(client, given, sockets, processes.countsElsewhere, witness));
    });
  }
  return {
    inspection: inspected.facts,
    itself: said,
    processes,
    names: listed.value,
    sockets,
    clients,
    gone: chosen.length - clients.length,
  };
}

const late = { error: { syscall: 'the bus', code: 'ETIMEDOUT' } } as const;
