import type { Fd } from '../../native-probe/fd.js';
import { failedWith } from '../../native-probe/syscall-error.js';
import { receive } from '../../native-probe/unix-socket.js';
import type { EventLoop, Watch } from './event-loop.js';

// One read at a time, of which only the length is wanted
const buffer = Buffer.allocUnsafeSlow(64 * 1024);

/** An accepted socket: counts what comes, and tells when the other end is closed. */
export class Connection implements Disposable {
  readonly #watch: Watch;
  /** The key of the process of record, where it is watched. */
  peer: bigint | number | undefined;
  #bytes = 0;
  #halfClosed = false;

  /**
   * @param socket - owned by the connection from here on
   * @param onEnd - called when nothing more can come, with how many bytes did
   */
  constructor(
    loop: EventLoop,
    private readonly socket: Fd,
    private readonly onEnd: (bytes: number) => void,
  ) {
    this.#watch = loop.watch(socket, 'readable', ({ hangup }) => {
      this.#receive(hangup);
    });
  }

  /** Once a turn: a client that sends without pause does not keep others from being served. */
  #receive(hangup: boolean): void {
    try {
      const count = receive(this.socket, buffer);
      if (count === undefined) return;
      this.#bytes += count;
      // A message may be empty too, so that only EPOLLRDHUP says that it was the end
      if (count === 0 && hangup) this.#ended();
    } catch (error) {
      // It closed with something of ours unread
      if (!failedWith(error, 'ECONNRESET', 'EPIPE')) throw error;
      this.onEnd(this.#bytes);
    }
  }

  /** After shutdown(2) of the other end's sending half it is still connected: only EPOLLHUP says that it is closed. */
  #ended(): void {
    if (this.#halfClosed) {
      this.onEnd(this.#bytes);
      return;
    }
    this.#halfClosed = true;
    this.#watch.change('hangup');
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
    this.socket[Symbol.dispose]();
  }
}
