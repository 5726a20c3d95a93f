import {
  ChildClient,
  type ClientOptions,
  ConnectedChild,
  openListener,
} from '../../native-probe/children/child-client.js';
import type { Fd } from '../../native-probe/fd.js';
import { send } from '../../native-probe/message.js';
import { openPidfd } from '../../native-probe/pidfd.js';
import { SyscallError } from '../../native-probe/syscall-error.js';
import { accept, addressOf, bind, connect, openSocket } from '../../native-probe/unix-socket.js';

/** The exit code of our children, by which their wait status is recognised. */
export const clientExitCode = 7;

/**
 * A client of our own, as its service sees it. We are the service; the client
 * is a child, or where none can be started (a sandbox; musl) this process too.
 */
export interface Client extends Disposable {
  readonly pid: number;
  /** A pidfd of the client that was not asked of the socket. @throws SyscallError */
  readonly pidfd: Fd;
  /** The socket that was accepted from the client, or the receiver that has its message. */
  readonly socket: Fd;
  /** One of our descriptors that the client has too, under the same number. */
  readonly shared: Fd;
  /** Ends and reaps the client. @throws SyscallError where the client is no child: the reason why none could start */
  readonly end: () => void;
}

/** A client that has connected. @throws SyscallError */
export function connectedClient(): Client {
  try {
    const connected = ConnectedChild.connect({ exitCode: clientExitCode });
    return ofChild(connected.client, connected.accepted, connected);
  } catch (error) {
    return weOurselves(error, () => {
      using listener = openListener();
      using socket = openSocket('stream');
      connect(socket, addressOf(listener));
      return accept(listener);
    });
  }
}

/**
 * A client that has sent a byte, which is not received yet.
 *
 * @param receiver - a datagram socket, which stays the caller's
 * @throws SyscallError
 */
export function sendingClient(receiver: Fd): Client {
  bind(receiver, { kind: 'unnamed' });
  const message = Buffer.from('x');
  try {
    const options: ClientOptions = { messages: [message], exitCode: clientExitCode };
    const sender = ChildClient.start(receiver, 'dgram', options);
    return ofChild(sender, receiver, sender);
  } catch (error) {
    return weOurselves(error, () => {
      using socket = openSocket('dgram');
      connect(socket, addressOf(receiver));
      send(socket, { data: message });
      return receiver;
    });
  }
}

function ofChild(client: ChildClient, socket: Fd, owner: Disposable): Client {
  return {
    pid: client.child.pid,
    pidfd: client.child.pidfd,
    socket,
    shared: client.signal,
    end: () => {
      client.end();
    },
    [Symbol.dispose]: () => {
      owner[Symbol.dispose]();
    },
  };
}

/** This process as the client, where no child could be started. @throws the error, where it is about anything else */
function weOurselves(error: unknown, start: () => Fd | undefined): Client {
  if (!(error instanceof SyscallError) || !/^(?:clone|setcontext|makecontext)$/.test(error.syscall)) throw error;
  const socket = start();
  if (socket === undefined) throw error;
  let pidfd: Fd | undefined;
  return {
    pid: process.pid,
    get pidfd() {
      return (pidfd ??= openPidfd(process.pid));
    },
    socket,
    shared: socket,
    end: () => {
      throw error;
    },
    [Symbol.dispose]: () => {
      pidfd?.[Symbol.dispose]();
      socket[Symbol.dispose]();
    },
  };
}
