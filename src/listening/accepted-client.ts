import { disposeWithoutLingering } from '../../native-probe/calls/without-lingering.js';
import type { Readiness } from '../../native-probe/epoll.js';
import type { Fd } from '../../native-probe/fd.js';
import type { Message } from '../../native-probe/message.js';
import type { SocketType } from '../../native-probe/socket-kinds.js';
import { failedWith } from '../../native-probe/syscall-error.js';
import { receiveOutOfBandInLine } from '../../native-probe/unix-socket.js';
import type { SenderBatch } from '../inspection/sender-batch.js';
import type { ConnectionPeer } from '../verdict/sender-findings.js';
import type { EventLoop, Watch } from './event-loop.js';
import type { Received, Receiving, Source } from './receiving.js';
import { Share } from './share.js';

/** Messages that are taken from one connection in one turn, so that others are served too. */
export const mostPerTurn = 4;

/** What an accepted client calls when something happens on its connection. */
export interface ConnectionEvents {
  /** @param batch - of what was received together */
  message(message: Message, batch: SenderBatch): void;
  /** Nothing more can come. @param bytes - how many came */
  ended(bytes: number): void;
}

/** An accepted socket: gives its messages, and tells when the other end is closed. */
export class AcceptedClient implements Disposable {
  readonly #watch: Watch;
  /** The key of the process of record, where it is watched. */
  process: bigint | number | undefined;
  /** What the connection said of its peer. */
  peer: ConnectionPeer | undefined;
  #bytes = 0;
  #halfClosed = false;
  readonly #source: Source;
  /** Nothing that was sent is left in the socket, and nothing can come. */
  #isEmpty = false;

  /** @param socket - owned by the connection from here on */
  constructor(
    loop: EventLoop,
    private readonly socket: Fd,
    private readonly type: SocketType,
    private readonly receiving: Receiving,
    private readonly events: ConnectionEvents,
  ) {
    // Else a byte out of band, and what came with it, is put away by the kernel when what follows it is received
    const mayDrop = type === 'stream' && !receiveOutOfBandInLine(socket);
    this.#source = { socket, type, share: new Share(), mayDrop };
    this.#watch = loop.watch(socket, 'readable', (readiness) => {
      this.#receive(readiness);
    });
  }

  /** Receives once in a turn of the loop: a client that sends without pause does not keep others from being served. */
  #receive({ hangup, gone }: Readiness): void {
    let received: Received;
    try {
      received = this.receiving.receive(this.#source);
    } catch (error) {
      // The other end was closed while something of ours was not read there: unix(7)
      if (!failedWith(error, 'ECONNRESET', 'EPIPE')) throw error;
      this.events.ended(this.#bytes);
      return;
    }
    const end = received.messages.findIndex((message) => this.#isEnd(message, hangup));
    this.receiving.deal(received, this.#source, (message, index) => {
      if (end >= 0 && index >= end) return;
      this.#bytes += message.length;
      this.events.message(message, received.batch);
    });
    if (end >= 0) this.#ended(gone);
  }

  /** An empty message: of a stream it is the end; of a seqpacket socket it may have been sent, and only EPOLLRDHUP tells that it was not. */
  #isEnd({ length, ancillary }: Message, hangup: boolean): boolean {
    if (length > 0 || ancillary.passed.length > 0) return false;
    return this.type === 'stream' || (hangup && ancillary.credential === undefined);
  }

  /** The other end may have shut down its sending half only, with shutdown(2), and still be connected: EPOLLHUP tells when it is closed. */
  #ended(gone: boolean): void {
    this.#isEmpty = this.type === 'stream';
    if (gone || this.#halfClosed) {
      this.events.ended(this.#bytes);
      return;
    }
    this.#halfClosed = true;
    this.#watch.change('hangup');
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
    if (this.#isEmpty) this.socket[Symbol.dispose]();
    else disposeWithoutLingering(this.socket);
  }
}
