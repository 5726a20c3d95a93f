import { constants } from 'node:os';

import type { Fd } from '../fd.js';
import { send } from '../message.js';
import { isReadable } from '../poll.js';
import { SyscallError } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { encodeAddress } from '../unix-address.js';
import { accept, addressOf, bind, listen, openBlockingSocket, openSocket, openSocketPair } from '../unix-socket.js';
import { CallingChild, type LibraryCall } from './calling-child.js';

/** Milliseconds; it takes less than one, but the machine may be busy. A child that was killed is not waited for for ever. */
const patience = 20_000;

export interface ClientOptions {
  /** Its comm, up to 15 bytes; without it, ours. */
  readonly name?: string;
  /** What it sends, once it has connected. */
  readonly messages?: readonly Buffer[];
  /** Done before it connects, such as moving it into a cgroup. */
  readonly before?: (pid: number) => void;
  /** What it ends with. */
  readonly exitCode?: number;
}

/** A child of ours that is the client of a socket of ours: it has connected, and waits. */
export class ChildClient implements Disposable {
  private constructor(
    readonly child: CallingChild,
    /** It goes on when something comes here; under the same number it has a descriptor of it too. */
    readonly signal: Fd,
  ) {}

  /**
   * Starts one, and waits until its connection or its first message is there.
   *
   * @param service - a listener, or with messages a datagram socket
   * @throws SyscallError of any step; ENOTCONN when the child was refused one, ETIMEDOUT when it said nothing
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
        // It goes on where a call is refused, as by a seccomp filter
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

  /** Has it end, and waits until its number is free. */
  end(): void {
    goOn(this.signal);
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
   * @param listener - without it, one of our own of an abstract name
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

/** A listener of a name that the kernel chooses, an abstract one, so that no file is left behind. unix(7), "Autobind feature" */
export function openListener(): Fd {
  const listener = openSocket('stream');
  try {
    bind(listener, { kind: 'unnamed' }, 'an abstract name');
    listen(listener, 1, 'an abstract name');
    return listener;
  } catch (error) {
    listener[Symbol.dispose]();
    throw error;
  }
}

/** prctl(PR_SET_NAME) */
export function naming(name: string): LibraryCall {
  return ['prctl', uapi.PR_SET_NAME, Buffer.from(`${name}\0`)];
}

function goOn(signal: Fd): void {
  send(signal, { data: Buffer.of(0) });
}
