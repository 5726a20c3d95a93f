import type { Fd } from '../../native-probe/fd.js';
import { dealWith, MessageReceiver } from '../../native-probe/message.js';
import { reportOnMessage } from '../sender-report.js';
import type { EventLoop, Watch } from './event-loop.js';
import type { ServerEvents, ServerOptions } from './server.js';

/** Datagrams that are taken with one system call, and in one turn of the loop. */
const mostPerTurn = 16;

/** Receives datagrams: there are no connections, and each message has its own sender. */
export class DatagramServer implements Disposable {
  readonly #receiver = new MessageReceiver(mostPerTurn);
  readonly #watch: Watch;
  #received = 0;
  /** There are no connections that could be open. */
  readonly open = 0;

  constructor(
    loop: EventLoop,
    private readonly socket: Fd,
    private readonly options: Pick<ServerOptions, 'count' | 'preview' | 'witness'>,
    private readonly events: Pick<ServerEvents, 'message' | 'finished'>,
  ) {
    this.#watch = loop.watch(socket, 'readable', () => {
      this.#receive();
    });
  }

  #receive(): void {
    const most = Math.min(mostPerTurn, this.options.count - this.#received);
    dealWith(this.#receiver.receive(this.socket, true, most), (message) => {
      this.#received++;
      const report = reportOnMessage(message, this.options.preview, undefined, this.options.witness());
      this.events.message(undefined, report);
    });
    if (this.#received >= this.options.count) this.events.finished();
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }
}
