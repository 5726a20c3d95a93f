import { dealWith, MessageReceiver } from '../../native-probe/message.js';
import { openFilesLimit } from '../../native-probe/proc/system.js';
import { inspectMessage } from '../inspection/inspect-message.js';
import { SenderBatch } from '../inspection/sender-batch.js';
import { reading, valueOf } from '../words/reading.js';
import type { EventLoop, Watch } from './event-loop.js';
import type { Listener } from './listener.js';
import type { PassedCloser } from './passed-closer.js';
import type { ServerEvents, ServerOptions } from './server.js';

/** Datagrams that are taken with one system call: as many as unix(7) queues where systemd has set max_dgram_qlen, or less. */
const mostPerCall = 64;

/** The most receiving calls in one turn of the loop, so that signals are seen under load. */
const mostCallsPerTurn = 16;

/** The most descriptors that come with one message: SCM_MAX_FD (253) that were passed, and the pidfd of the sender. include/net/scm.h */
const mostDescriptors = 254;

/** How many datagrams to receive at once: so few that one sender's descriptors, and those that wait to be closed, leave room for the pidfds of the others, which would not come otherwise. */
function messagesPerCall(waiting: number): number {
  const limit = valueOf(reading(openFilesLimit)) ?? Infinity;
  return Math.max(1, Math.min(mostPerCall, Math.floor((limit - waiting) / mostDescriptors) - 1));
}

/** Receives datagrams: there are no connections, and each message has its own sender. */
export class DatagramServer implements Disposable {
  readonly #receiver: MessageReceiver;
  readonly #watch: Watch;
  #received = 0;
  /** There are no connections that could be open. */
  readonly open = 0;

  constructor(
    loop: EventLoop,
    private readonly listener: Pick<Listener, 'socket' | 'asksForPidfds'>,
    private readonly options: Pick<ServerOptions, 'count' | 'preview' | 'witness'>,
    private readonly events: Pick<ServerEvents, 'message' | 'finished' | 'hasRoom'>,
    private readonly closer: PassedCloser,
  ) {
    this.#receiver = new MessageReceiver(messagesPerCall(closer.most));
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
    const most = Math.min(this.#receiver.most, this.options.count - this.#received);
    const { leftOutFor, controlRoom } = this.closer.roomNow();
    const messages = most > 0 ? this.#receiver.receive(this.listener.socket, true, most, controlRoom) : [];
    const batch = new SenderBatch(this.listener.asksForPidfds, leftOutFor);
    dealWith(
      messages,
      (message) => {
        this.#received++;
        const inspection = inspectMessage(message, this.options.preview, undefined, batch, this.options.witness());
        this.events.message(undefined, inspection);
      },
      this.closer,
    );
    return messages.length > 0;
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }
}
