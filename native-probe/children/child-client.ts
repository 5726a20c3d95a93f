import { constants } from 'node:os';

import type { LibraryCall } from '../calls/call-chain.js';
import { CallingChild } from '../calls/calling-child.js';
import type { Fd } from '../fd.js';
import { send } from '../message.js';
import { isReadable } from '../poll.js';
import { SyscallError, withSubject } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { encodeAddress } from '../unix-address.js';
import { accept, addressOf, bind, listen, openBlockingSocket, openSocket, openSocketPair } from '../unix-socket.js';

/** Milliseconds to wait for the child. It takes less than one, but the machine may be busy. */
const patience = 20_000;

/** What the client is called, and what it does. */
export interface ClientOptions {
  /** Its comm, up to 15 bytes; by default ours. */
  readonly name?: string;
  /** What it sends once it has connected. */
  readonly messages?: readonly Buffer[];
  /** Called before the client connects, for example to move it into a cgroup. */
  readonly before?: (pid: number) => void;
  /** The status that it exits with. */
  readonly exitCode?: number;
}

/** A child of ours that is the client of a socket of ours: it has connected, and waits. */
export class ChildClient implements Disposable {
  private constructor(
    readonly child: CallingChild,
    /** Our end of a pair by which the client is told to go on. It has this descriptor too, under the same number. */
    readonly signal: Fd,
  ) {}

  /**
   * Starts a client, and waits until its connection or its first message is there.
   *
   * @param service - a listener, or with messages a datagram socket
   * @throws SyscallError of any step; ENOTCONN when neither came, as the child was refused it; ETIMEDOUT when the child
   * said nothing
   */
  static start(service: Fd, type: 'stream' | 'dgram', options: ClientOptions = {}): ChildClient {
    const { name, messages = [], before, exitCode = 0 } = options;
    using socket = openBlockingSocket(type);
    const [signal, far] = openSocketPair('stream');
    using its = far;
    const address = encodeAddress(addressOf(service));
    const wait: LibraryCall = ['read', its.number, Buffer.alloc(1), 1];
    let child: CallingChild | undefined;
    try {
      child = CallingChild.start([
        ...(name === undefined ? [] : [naming(name)]),
        ...(before === undefined ? [] : [wait]),
        ['connect', socket.number, address, address.length],
        ...messages.map((data): LibraryCall => ['send', socket.number, data, data.length, 0]),
        // The child gets here even where a call before was refused, as by a seccomp filter
        ['write', its.number, Buffer.alloc(1), 1],
        wait,
        ['_exit', exitCode],
      ]);
      if (before !== undefined) {
        before(child.pid);
        goOn(signal);
      }
      if (!isReadable(signal, patience)) throw new SyscallError('connect', constants.errno.ETIMEDOUT, 'in a child');
      if (!isReadable(service, 0)) throw new SyscallError('connect', constants.errno.ENOTCONN, 'in a child');
      return new ChildClient(child, signal);
    } catch (error) {
      child?.[Symbol.dispose]();
      signal[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Ends the client and reaps it: its number is free then.
   *
   * @throws SyscallError ETIMEDOUT where it does not end, as when somebody has stopped it
   */
  end(): void {
    goOn(this.signal);
    if (!isReadable(this.child.pidfd, patience)) {
      throw new SyscallError('waitpid', constants.errno.ETIMEDOUT, `${this.child.pid}`);
    }
    this.child.wait();
  }

  [Symbol.dispose](): void {
    this.child[Symbol.dispose]();
    this.signal[Symbol.dispose]();
  }
}

/** A child that has connected, and our end of the connection, as a service would have it. */
export class ConnectedChild implements Disposable {
  private constructor(
    readonly client: ChildClient,
    readonly accepted: Fd,
  ) {}

  /**
   * Starts a client that connects, and accepts the connection.
   *
   * @param listener - by default one of our own with an abstract name
   * @throws SyscallError of any step
   */
  static connect(options: ClientOptions = {}, listener?: Fd): ConnectedChild {
    if (listener === undefined) {
      using own = openListener();
      return ConnectedChild.connect(options, own);
    }
    const client = ChildClient.start(listener, 'stream', options);
    try {
      const accepted = accept(listener);
      if (accepted === undefined) throw new SyscallError('accept4', constants.errno.EAGAIN);
      return new ConnectedChild(client, accepted);
    } catch (error) {
      client[Symbol.dispose]();
      throw error;
    }
  }

  get child(): CallingChild {
    return this.client.child;
  }

  [Symbol.dispose](): void {
    this.accepted[Symbol.dispose]();
    this.client[Symbol.dispose]();
  }
}

/** A listener with an abstract name that the kernel chooses, so that no file is left. unix(7), "Autobind feature" */
export function openListener(): Fd {
  const listener = openSocket('stream');
  try {
    withSubject('an abstract name', () => {
      bind(listener, { kind: 'unnamed' });
      listen(listener, 1);
    });
    return listener;
  } catch (error) {
    listener[Symbol.dispose]();
    throw error;
  }
}

/** The call by which a child sets its comm: prctl(PR_SET_NAME). */
export function naming(name: string): LibraryCall {
  return ['prctl', uapi.PR_SET_NAME, Buffer.from(`${name}\0`)];
}

function goOn(signal: Fd): void {
  send(signal, { data: Buffer.of(0) });
}
