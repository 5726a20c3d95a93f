import { inspectMessage } from '../inspection/inspect-message.js';
import { descriptorLimit } from './descriptors.js';
import type { EventLoop, Watch } from './event-loop.js';
import type { Listener } from './listener.js';
import type { PassedCloser } from './passed-closer.js';
import { mostDescriptors, Receiving } from './receiving.js';
import type { ServerEvents, ServerOptions } from './server.js';

/** Datagrams that are taken with one system call: as many as unix(7) queues where systemd has set max_dgram_qlen, or less. */
const mostPerCall = 64;

/** The most receiving calls in one turn of the loop, so that signals are seen under load. */
const mostCallsPerTurn = 16;

/** How many datagrams to receive at once: so few that one sender's descriptors, and those that wait to be closed, leave room for the pidfds of the others, which would not come otherwise. */
function messagesPerCall(waiting: number): number {
  return Math.max(1, Math.min(mostPerCall, Math.floor((descriptorLimit() - waiting) / mostDescriptors) - 1));
}

/** Receives datagrams: there are no connections, and each message has its own sender. */
export class DatagramServer implements Disposable {
  readonly #receiving: Receiving;
  readonly #watch: Watch;
  #received = 0;
  /** There are no connections that could be open. */
  readonly open = 0;

  constructor(
    loop: EventLoop,
    private readonly listener: Pick<Listener, 'socket' | 'asksForPidfds'>,
    private readonly options: Pick<ServerOptions, 'count' | 'preview' | 'witness'>,
    private readonly events: Pick<ServerEvents, 'message' | 'finished' | 'hasRoom'>,
    closer: PassedCloser,
  ) {
    this.#receiving = new Receiving(messagesPerCall(closer.most), listener.asksForPidfds, closer, () => 0);
    this.#watch = loop.watch(listener.socket, 'readable', () => {
      this.#receive();
    });
  }

  /** While it deals with one batch senders fill the queue again, so there is no need to wait for them in between. What one batch tells is all that is ever kept in memory. */
  #receive(): void {
    for (let call = 0; call < mostCallsPerTurn; call++) {
      if (!this.#receiveBatch() || !this.events.hasRoom()) break;
    }
    if (this.#received >= this.options.count) this.events.finished();
  }

  /** @returns whether there may be more */
  #receiveBatch(): boolean {
    const most = Math.min(this.#receiving.most, this.options.count - this.#received);
    if (most === 0) return false;
    const source = { socket: this.listener.socket, type: 'dgram', share: undefined, mayDrop: false } as const;
    const received = this.#receiving.receive(source, most);
    this.#receiving.deal(received, source, (message) => {
      this.#received++;
      const { preview, witness } = this.options;
      this.events.message(undefined, inspectMessage(message, preview, undefined, received.batch, witness()));
    });
    return received.messages.length > 0;
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }
}
