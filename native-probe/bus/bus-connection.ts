/**
 * A connection to a D-Bus daemon, by sd-bus(3). Nothing here waits: sd_bus_call() would for as long as it takes to
 * authenticate, so its socket is waited for outside.
 */
import { Fd } from '../fd.js';
import { stringAt } from '../libc.js';
import { BusMessage } from './bus-message.js';
import { BusPipe } from './bus-pipe.js';
import { callSystemd } from './libsystemd.js';

/** What the bus itself answers to. */
const bus = { name: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus' } as const;

const pointer = Buffer.alloc(8);

export class BusConnection implements Disposable {
  readonly #bus: number;
  readonly #pipe: BusPipe;

  /**
   * Begins to authenticate, as the user that we are.
   *
   * @param socket - connected to the bus; owned by this from here on
   * @throws SyscallError ENOENT of dlopen(3) where there is no libsystemd.so.0
   */
  constructor(socket: Fd) {
    using given = socket;
    callSystemd('sd_bus_new', pointer);
    this.#bus = Number(pointer.readBigUInt64LE());
    this.#pipe = new BusPipe(new Fd(given.release()));
    try {
      using end = this.#pipe.end;
      callSystemd('sd_bus_set_fd', this.#bus, end.number, end.number);
      end.release();
      callSystemd('sd_bus_set_bus_client', this.#bus, 1);
      callSystemd('sd_bus_negotiate_fds', this.#bus, 1);
      callSystemd('sd_bus_start', this.#bus);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Whether the bus has taken us, and given us a name. */
  get isReady(): boolean {
    return callSystemd('sd_bus_is_ready', this.#bus) > 0;
  }

  /** The name that the bus gave us. @throws SyscallError before {@link isReady} */
  get uniqueName(): string {
    callSystemd('sd_bus_get_unique_name', this.#bus, pointer);
    return stringAt(pointer.readBigUInt64LE()).toString('latin1');
  }

  /** Sends a call to the bus itself. @returns its cookie, which the answer has */
  ask(member: string, argument?: string): bigint {
    callSystemd('sd_bus_message_new_method_call', this.#bus, pointer, bus.name, bus.path, bus.name, member);
    using message = new BusMessage(Number(pointer.readBigUInt64LE()));
    if (argument !== undefined) message.append(argument);
    message.send(this.#bus, pointer);
    return pointer.readBigUInt64LE();
  }

  /**
   * The next message that came, to be disposed of.
   *
   * @returns `busy` where something else was done and there may be more, `idle` where it waits for the socket
   * @throws SyscallError ECONNRESET, ENOTCONN, EPERM and others where the bus goes or refuses
   */
  next(): BusMessage | 'busy' | 'idle' {
    const came = this.#pipe.move();
    pointer.fill(0);
    const done = callSystemd('sd_bus_process', this.#bus, pointer);
    const message = Number(pointer.readBigUInt64LE());
    if (message !== 0) return new BusMessage(message);
    const went = this.#pipe.move();
    return came || done > 0 || went ? 'busy' : 'idle';
  }

  /** Waits until something may come, or so many milliseconds. */
  wait(timeout: number): void {
    this.#pipe.wait(timeout);
  }

  [Symbol.dispose](): void {
    callSystemd('sd_bus_close', this.#bus);
    callSystemd('sd_bus_unref', this.#bus);
    this.#pipe[Symbol.dispose]();
  }
}
