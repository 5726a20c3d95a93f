/** The two processes of a round: a client that connects and ends, and an impostor that gets its number. */
import { CallingChild, type LibraryCall } from '../../native-probe/calling-child.js';
import type { Fd } from '../../native-probe/fd.js';
import { send } from '../../native-probe/message.js';
import { isReadable } from '../../native-probe/poll.js';
import { uapi } from '../../native-probe/uapi.js';
import { encodeAddress, type UnixAddress } from '../../native-probe/unix-address.js';
import { accept, openBlockingSocket, openSocketPair } from '../../native-probe/unix-socket.js';
import { Problem } from '../problem.js';

/** Milliseconds; it takes less than one, but the machine may be busy with other things. */
const patience = 20_000;

const named = (name: string): LibraryCall => ['prctl', uapi.PR_SET_NAME, Buffer.from(`${name}\0`)];

/** A client, and the service's end of its connection. */
export interface Client extends Disposable {
  readonly child: CallingChild;
  readonly socket: Fd;
  /** Ends it, and waits until its number is free. */
  readonly end: () => void;
}

/** Starts a client, and accepts it. @param listener - a blocking one */
export function connectClient(listener: Fd, address: UnixAddress): Client {
  const sockaddr = encodeAddress(address);
  using far = openBlockingSocket('stream');
  const child = CallingChild.start([
    named('client'),
    ['connect', far.number, sockaddr, sockaddr.length],
    // Until the service has seen enough of it
    ['read', far.number, Buffer.alloc(1), 1],
  ]);
  try {
    if (!isReadable(listener, patience)) throw stuck('client');
    const socket = accept(listener);
    if (socket === undefined) throw stuck('client');
    return {
      child,
      socket,
      end: () => {
        send(socket, { data: Buffer.from('.') });
        child.wait();
      },
      [Symbol.dispose]: () => {
        socket[Symbol.dispose]();
        child[Symbol.dispose]();
      },
    };
  } catch (error) {
    child[Symbol.dispose]();
    throw error;
  }
}

/** Starts a process with a certain number, or tells that another has it. */
export type StartAs = (number: number, calls: readonly LibraryCall[]) => CallingChild | undefined;

/** Starts an impostor, and waits until it has its name. @returns undefined when another got the number */
export function startImpostor(number: number, startAs: StartAs): CallingChild | undefined {
  const [ours, its] = openSocketPair('stream');
  using near = ours;
  using far = its;
  const impostor = startAs(number, [named('impostor'), ['write', far.number, Buffer.from('.'), 1], ['pause']]);
  if (impostor === undefined) return undefined;
  try {
    if (!isReadable(near, patience)) throw stuck('impostor');
    return impostor;
  } catch (error) {
    impostor[Symbol.dispose]();
    throw error;
  }
}

function stuck(racer: 'client' | 'impostor'): Problem {
  return new Problem(
    'STUCK',
    `the ${racer} of a round did not come that far within ${patience / 1000} seconds`,
    'The machine is very busy, or a sandbox keeps a new process from its calls: try again, or outside.',
  );
}
