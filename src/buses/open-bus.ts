import { BusConnection } from '../../native-probe/bus/bus-connection.js';
import { duplicate, type Fd } from '../../native-probe/fd.js';
import type { Names } from '../document/names.js';
import { inspect } from '../inspection/inspect.js';
import type { OpenedSocket } from '../socket/socket-facts.js';
import type { Witness } from '../words/evidence.js';
import type { Reading } from '../words/reading.js';
import { type BusCredentials, credentialsIn } from './bus-credentials.js';
import { busName } from './bus-name.js';
import { type BusProcesses, busProcesses } from './bus-process.js';
import { type BusClient, busCredentials, type BusNames, busNames, isGone } from './bus-said.js';
import { type BusSockets, busSockets } from './bus-sockets.js';
import { BusTalk } from './bus-talk.js';
import { type BusClientFacts, lookAtClient, type LookContext } from './look-at-client.js';
import { type NameChange, nameChanges } from './name-change.js';

/** How to look at a bus. */
export interface BusOptions {
  /** Milliseconds for all that the bus answers to one look. */
  readonly timeout: number;
  /** What a look at other processes is made in, which they may hold up. */
  readonly notHeldUp: <T>(look: () => T) => T;
  readonly names: Names;
  readonly witness: Witness;
}

/** Some connections of a bus, looked at together. */
export interface BusLook {
  readonly sockets: BusSockets;
  readonly clients: readonly BusClientFacts[];
  /** How many ended while the bus was asked. */
  readonly gone: number;
}

/** A bus that does not say what every bus does. */
export class SilentBus implements Disposable {
  /** @param during - what it was asked */
  constructor(
    readonly during: 'greeting' | 'names',
    readonly why: Reading<never>,
  ) {}

  [Symbol.dispose](): void {
    // There is nothing open
  }
}

/** How many connections' descriptors are open at a time. */
const atOnce = 256;

const late = { error: { syscall: 'the bus', code: 'ETIMEDOUT' } } as const;

/** A bus that has taken us as a client. */
export class OpenBus implements Disposable {
  private constructor(
    private readonly connection: BusConnection,
    private readonly talk: BusTalk,
    private readonly options: BusOptions,
    /** Can be read when the bus says something by itself. */
    readonly socket: Fd,
    /** What the bus says of itself. */
    readonly itself: Pick<BusCredentials, 'pid' | 'uid'> | undefined,
    readonly processes: BusProcesses,
  ) {}

  /**
   * Has a bus take us.
   *
   * @param opened - a connection to it, which stays the caller's to close
   * @throws SyscallError where the bus refuses, or ends; so do all calls of what is returned
   */
  static open(
    opened: OpenedSocket & { readonly socket: NonNullable<OpenedSocket['socket']> },
    options: BusOptions,
  ): OpenBus | SilentBus {
    const { timeout, notHeldUp, witness } = options;
    const connection = new BusConnection(duplicate(opened.socket.number));
    try {
      const talk = new BusTalk(connection, timeout);
      if (!talk.greet()) {
        connection[Symbol.dispose]();
        return new SilentBus('greeting', late);
      }
      witness.conclude('AUTH EXTERNAL, Hello', talk.ownName, 'the bus has taken peerpid, and given it this name');
      const [ofItself] = busCredentials(talk, [busName]);
      using said = ofItself && 'value' in ofItself ? credentialsIn(ofItself.value) : undefined;
      using inspected = notHeldUp(() => inspect(opened, witness, { holders: true }));
      const processes = busProcesses(inspected.facts, said?.pid);
      return new OpenBus(connection, talk, options, opened.socket, said, processes);
    } catch (error) {
      connection[Symbol.dispose]();
      throw error;
    }
  }

  /** The names that there are. */
  names(): BusNames | SilentBus {
    const listed = busNames(this.talk);
    if ('error' in listed) return new SilentBus('names', listed);
    this.options.witness.conclude('ListNames', `${listed.value.clients.length} connections`, 'without its own');
    return listed.value;
  }

  /** Asks the kernel, and then the bus, of connections that the bus has just named. */
  look(wanted: readonly BusClient[]): BusLook {
    const { notHeldUp, names, witness } = this.options;
    const { pids, countsElsewhere } = this.processes;
    const sockets = notHeldUp(() => busSockets(pids, names));
    const context: LookContext = { countsElsewhere, seen: new Map() };
    const clients: BusClientFacts[] = [];
    for (let start = 0; start < wanted.length; start += atOnce) {
      const some = wanted.slice(start, start + atOnce);
      const credentials = busCredentials(
        this.talk,
        some.map(({ uniqueName }) => uniqueName),
      );
      some.forEach((client, index) => {
        const given = credentials[index];
        if (given === undefined || isGone(given)) return;
        clients.push(lookAtClient(client, given, sockets, context, witness));
      });
    }
    return { sockets, clients, gone: wanted.length - clients.length };
  }

  /** Has the bus say from now on who gets and loses names. @returns false where it refuses, or does not answer */
  follow(): boolean {
    const [answer] = this.talk.ask([{ member: 'AddMatch', argument: nameChanges }], () => undefined);
    return answer !== undefined && 'value' in answer;
  }

  /** What it said since the last time, and how much more than is kept; what is asked next has as much time as the first. */
  changes(): { readonly changes: readonly NameChange[]; readonly lost: number } {
    this.talk.renew();
    return this.talk.takeSignals();
  }

  get ownName(): string {
    return this.talk.ownName;
  }

  [Symbol.dispose](): void {
    this.connection[Symbol.dispose]();
  }
}
