import type { SocketType } from '../../native-probe/socket-kinds.js';
import { DatagramServer } from './datagram-server.js';
import type { EventLoop } from './event-loop.js';
import type { Listener } from './listener.js';
import type { PassedCloser } from './passed-closer.js';
import { Server, type ServerEvents, type ServerOptions } from './server.js';

/** Begins to serve a socket: clients as they connect, or of a datagram socket messages as they come. */
export function serve(
  type: SocketType,
  loop: EventLoop,
  listener: Listener,
  options: ServerOptions,
  events: ServerEvents,
  closer: PassedCloser,
): Server | DatagramServer {
  return type === 'dgram'
    ? new DatagramServer(loop, listener, options, events, closer)
    : new Server(loop, listener, options, events, closer);
}
