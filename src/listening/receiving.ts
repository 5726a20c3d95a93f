import { withoutLingering } from '../../native-probe/calls/without-lingering.js';
import type { Fd } from '../../native-probe/fd.js';
import { dealWith, type Message, MessageReceiver } from '../../native-probe/message.js';
import { SenderBatch } from '../inspection/sender-batch.js';
import { descriptorsForOthers } from './descriptors.js';
import type { PassedCloser } from './passed-closer.js';

/** The most descriptors that come with one message: SCM_MAX_FD (253) that were passed, and the pidfd of the sender. include/net/scm.h */
export const mostDescriptors = 254;

/** Receives messages with the descriptors that come along, as long as there is room for them. */
export class Receiving {
  readonly #receiver: MessageReceiver;
  readonly #free = descriptorsForOthers();

  /**
   * @param most - messages per call
   * @param pidfdsAsked - whether each message is to bring a pidfd of its sender
   * @param closer - of the descriptors that came
   * @param taken - how many descriptors others have cost by now, besides those that the closer has
   */
  constructor(
    readonly most: number,
    private readonly pidfdsAsked: boolean,
    private readonly closer: PassedCloser,
    private readonly taken: () => number,
  ) {
    this.#receiver = new MessageReceiver(most);
  }

  /**
   * Receives what there is now, at most so many messages; to be dealt with before the next call.
   *
   * @param wholeLength - tell the whole length of a message that was cut
   * @param mayDrop - the kernel may put away what was sent also where there is room for it
   * @throws SyscallError ECONNRESET
   */
  receive(socket: Fd, wholeLength: boolean, mayDrop: boolean, most = this.most): Received {
    const { leftOutFor, controlRoom } = this.closer.roomNow();
    const receive = (): Message[] => this.#receiver.receive(socket, wholeLength, most, controlRoom);
    const isTight = this.#free - this.taken() - this.closer.waiting < most * mostDescriptors;
    const messages = mayDrop || isTight || controlRoom !== undefined ? withoutLingering(receive) : receive();
    return { messages, batch: new SenderBatch(this.pidfdsAsked, leftOutFor) };
  }

  /** Deals with messages one by one, and has the descriptors closed that came with them. */
  deal({ messages }: Received, deal: (message: Message, index: number) => void): void {
    dealWith(messages, deal, this.closer);
  }
}

/** What one call gave. */
export interface Received {
  readonly messages: readonly Message[];
  /** Of their senders. */
  readonly batch: SenderBatch;
}
