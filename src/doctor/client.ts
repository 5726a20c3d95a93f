import { constants } from 'node:os';

import { CallingChild, type LibraryCall } from '../../native-probe/calling-child.js';
import type { Fd } from '../../native-probe/fd.js';
import { send } from '../../native-probe/message.js';
import { openPidfd } from '../../native-probe/pidfd.js';
import { isReadable } from '../../native-probe/poll.js';
import { SyscallError } from '../../native-probe/syscall-error.js';
import {
  accept,
  addressOf,
  bind,
  connect,
  listen,
  openBlockingSocket,
  openSocket,
  openSocketPair,
} from '../../native-probe/unix-socket.js';
import { encodeAddress } from '../../native-probe/unix-address.js';

/** Milliseconds; a child needs one or two. */
const patience = 5000;

/** What a child ends with, to be known again. */
export const clientExitCode = 7;

/**
 * A client of our own, as a service sees it, which is us too: it has connected
 * to our stream socket, or sent a byte to our datagram socket. It is a child,
 * or where none can be started (a sandbox; musl) we ourselves. The sockets have
 * abstract names, so that no file is left behind.
 */
export class Client implements Disposable {
  private constructor(
    private readonly process: CallingChild | Ourselves,
    /** What was accepted from it; or the receiver that has its message. */
    readonly socket: Fd,
    /** A child goes on when something comes here; under the same number it has a descriptor of it too. */
    readonly signal: Fd,
  ) {}

  /** A client that has connected. @throws SyscallError */
  static connected(): Client {
    using listener = openSocket('stream');
    bind(listener, { kind: 'unnamed' }, 'an abstract name');
    listen(listener, 1, 'an abstract name');
    return Client.#start(listener, 'stream', [], () => accept(listener));
  }

  /**
   * One that has sent a message, which is not received yet.
   *
   * @param receiver - a datagram socket, which the client owns from here on
   * @throws SyscallError
   */
  static sender(receiver: Fd): Client {
    bind(receiver, { kind: 'unnamed' }, 'an abstract name');
    return Client.#start(receiver, 'dgram', [Buffer.from('x')], () => receiver);
  }

  static #start(
    service: Fd,
    type: 'stream' | 'dgram',
    messages: readonly Buffer[],
    receive: () => Fd | undefined,
  ): Client {
    using its = openBlockingSocket(type);
    const [signal, waiting] = openSocketPair('stream');
    using _waiting = waiting;
    const address = addressOf(service);
    const sockaddr = encodeAddress(address);
    let client: CallingChild | Ourselves | undefined;
    try {
      client = startChild([
        ['connect', its.number, sockaddr, sockaddr.length],
        ...messages.map((data): LibraryCall => ['send', its.number, data, data.length, 0]),
        ['read', waiting.number, Buffer.alloc(1), 1],
        ['_exit', clientExitCode],
      ]);
      if (client instanceof Ourselves) {
        connect(its, address, 'an abstract name');
        for (const data of messages) send(its, { data });
      }
      const socket = isReadable(service, patience) ? receive() : undefined;
      if (socket === undefined) throw new SyscallError('connect', constants.errno.ETIMEDOUT, 'in a client of our own');
      return new Client(client, socket, signal);
    } catch (error) {
      client?.[Symbol.dispose]();
      signal[Symbol.dispose]();
      throw error;
    }
  }

  get pid(): number {
    return this.process.pid;
  }

  /** A pidfd of it that the kernel did not give for the socket: of clone(2) or pidfd_open(2). @throws SyscallError */
  get pidfd(): Fd {
    return this.process.pidfd;
  }

  /** Has it end, and the kernel forget its number. @throws SyscallError what no child could be started for */
  end(): void {
    if (this.process instanceof Ourselves) throw this.process.why;
    send(this.signal, { data: Buffer.from('x') });
    this.process.wait();
  }

  [Symbol.dispose](): void {
    this.process[Symbol.dispose]();
    this.signal[Symbol.dispose]();
    this.socket[Symbol.dispose]();
  }
}

/** In the place of a child. */
class Ourselves implements Disposable {
  readonly pid = process.pid;
  #pidfd: Fd | undefined;

  constructor(readonly why: SyscallError) {}

  get pidfd(): Fd {
    return (this.#pidfd ??= openPidfd(this.pid));
  }

  [Symbol.dispose](): void {
    this.#pidfd?.[Symbol.dispose]();
  }
}

function startChild(calls: readonly LibraryCall[]): CallingChild | Ourselves {
  try {
    return CallingChild.start(calls);
  } catch (error) {
    if (error instanceof SyscallError) return new Ourselves(error);
    throw error;
  }
}
