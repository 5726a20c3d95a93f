/**
 * What stands between a bus and sd-bus: bytes as they are, and of descriptors pidfds alone. sd-bus closes what came with a
 * message in the thread that uses it, and close(2) of a file of a FUSE may never end: anybody on the bus can send one.
 */
import { constants } from 'node:fs';

import { type Ancillary, encodeDescriptors } from '../ancillary.js';
import { closeElsewhere } from '../calls/closing-elsewhere.js';
import { type Fd, openFile } from '../fd.js';
import { fcntl } from '../libc.js';
import { MessageReceiver, send } from '../message.js';
import { isPidfd } from '../pidfd.js';
import { happens } from '../poll.js';
import { failedWith } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { openSocketPair } from '../unix-socket.js';

/** Bytes, and what comes with the first of them. */
interface Chunk {
  readonly data: Buffer;
  readonly descriptors: readonly Fd[];
}

/** What goes from one socket to another. */
interface Way {
  readonly from: Fd;
  readonly to: Fd;
  /** Taken, and not sent yet. */
  chunk: Chunk | undefined;
  /** Nothing comes any more. */
  hasEnded: boolean;
}

export class BusPipe implements Disposable {
  readonly #receiver = new MessageReceiver(1);
  readonly #inwards: Way;
  readonly #outwards: Way;
  /** The end for sd-bus, which is the caller's. */
  readonly end: Fd;

  /** @param bus - a socket that is connected to the bus, and does not wait from here on; owned by this */
  constructor(private readonly bus: Fd) {
    const [ours, end] = openSocketPair('stream');
    for (const { number } of [bus, ours]) fcntl(number, uapi.F_SETFL, constants.O_NONBLOCK);
    this.end = end;
    this.#inwards = { from: bus, to: ours, chunk: undefined, hasEnded: false };
    this.#outwards = { from: ours, to: bus, chunk: undefined, hasEnded: false };
  }

  /**
   * Moves what there is now.
   *
   * @returns whether there was anything, or an end
   * @throws SyscallError ECONNRESET where the bus is gone
   */
  move(): boolean {
    const [outwards, inwards] = [this.#move(this.#outwards), this.#move(this.#inwards)];
    return outwards || inwards;
  }

  /** Waits until there may be something to be moved, or so many milliseconds. */
  wait(timeout: number): void {
    const more = this.#outwards.chunk === undefined ? 0 : uapi.POLLOUT;
    happens(this.bus.number, uapi.POLLIN | more, timeout);
  }

  #move(way: Way): boolean {
    if (way.hasEnded) return false;
    const chunk = (way.chunk ??= this.#take(way));
    if (chunk === undefined) return way.hasEnded;
    const sent = sendIfRoom(way.to, chunk);
    if (sent === 0) return false;
    for (const fd of chunk.descriptors) fd[Symbol.dispose]();
    way.chunk = sent < chunk.data.length ? { data: chunk.data.subarray(sent), descriptors: [] } : undefined;
    return true;
  }

  #take(way: Way): Chunk | undefined {
    const [message] = this.#receiver.receive(way.from, false);
    if (message === undefined) return undefined;
    const descriptors = pidfdsOf(message.ancillary);
    if (message.length > 0) return { data: Buffer.from(message.data), descriptors };
    way.hasEnded = true;
    if (way === this.#inwards) {
      // sd-bus reads to the end of what came, and nothing can be sent any more
      this.#outwards.hasEnded = true;
      way.to[Symbol.dispose]();
    }
    return undefined;
  }

  [Symbol.dispose](): void {
    for (const { from, chunk } of [this.#inwards, this.#outwards]) {
      for (const fd of chunk?.descriptors ?? []) fd[Symbol.dispose]();
      from[Symbol.dispose]();
    }
  }
}

/** @returns how many bytes had room; all where nobody reads them any more, since what was said before is still to be read */
function sendIfRoom(to: Fd, { data, descriptors }: Chunk): number {
  const control = descriptors.length === 0 ? undefined : encodeDescriptors(descriptors.map(({ number }) => number));
  try {
    return send(to, { data, control });
  } catch (error) {
    if (failedWith(error, 'EAGAIN')) return 0;
    if (failedWith(error, 'EPIPE')) return data.length;
    throw error;
  }
}

/** What passed for one is closed where that holds up nobody, and something harmless is in its place: sd-bus counts them. */
function pidfdsOf({ passed }: Ancillary): Fd[] {
  return passed.map((fd) => {
    if (isPidfd(fd)) return fd;
    closeElsewhere([fd]);
    return openFile('/dev/null', constants.O_RDONLY);
  });
}
