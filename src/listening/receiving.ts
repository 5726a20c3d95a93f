import { credentialRoom } from '../../native-probe/ancillary.js';
import { withoutLingering } from '../../native-probe/calls/without-lingering.js';
import type { Fd } from '../../native-probe/fd.js';
import { dealWith, type Message, MessageReceiver } from '../../native-probe/message.js';
import type { SocketType } from '../../native-probe/socket-kinds.js';
import { SenderBatch } from '../inspection/sender-batch.js';
import { descriptorsForOthers } from './descriptors.js';
import type { PassedCloser } from './passed-closer.js';
import { type Share, UserShares } from './share.js';

/** The most descriptors that come with one message: SCM_MAX_FD (253) that were passed, and the pidfd of the sender. include/net/scm.h */
export const mostDescriptors = 254;

/** Receives messages with the descriptors that come along, as long as there is room for them. */
export class Receiving {
  readonly #receiver: MessageReceiver;
  readonly #free = descriptorsForOthers();
  readonly #users = new UserShares();

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
   * Receives what there is now, at most so many messages; to be dealt with before the next call. Of a sender whose
   * descriptors may not be taken now one message is received, and without them if it brings any.
   *
   * @throws SyscallError ECONNRESET
   */
  receive(from: Source, most = this.most): Received {
    const { socket, type, share } = from;
    if (this.closer.fullWith(share) !== undefined) return this.#receiveOne(from);
    const receive = (): Message[] => this.#receiver.receive(socket, type !== 'stream', most);
    const isTight = this.#free - this.taken() - this.closer.waiting < most * mostDescriptors;
    const messages = from.mayDrop || isTight ? withoutLingering(receive) : receive();
    return { messages, batch: new SenderBatch(this.pidfdsAsked) };
  }

  #receiveOne({ socket, type, share }: Source): Received {
    const next = this.#receiver.peek(socket);
    if (next === undefined) return { messages: [], batch: new SenderBatch(this.pidfdsAsked) };
    const whose = share ?? this.#users.of(next.credential?.uid);
    const leftOutFor = next.bringsDescriptors ? this.closer.fullWith(whose) : undefined;
    const controlRoom = leftOutFor === undefined ? undefined : credentialRoom;
    const messages = withoutLingering(() =>
      type === 'stream'
        ? this.#receiver.receivePeeked(socket, Math.max(1, next.length), controlRoom)
        : this.#receiver.receive(socket, true, 1, controlRoom),
    );
    return { messages, batch: new SenderBatch(this.pidfdsAsked, leftOutFor) };
  }

  /** Deals with messages one by one, and has the descriptors closed that came with them. */
  deal({ messages }: Received, { share }: Source, deal: (message: Message, index: number) => void): void {
    dealWith(messages, deal, {
      close: ({ passed, credential }) => {
        if (passed.length > 0) this.closer.close(passed, share ?? this.#users.of(credential?.uid));
      },
    });
  }
}

/** Where messages come from. */
export interface Source {
  readonly socket: Fd;
  readonly type: SocketType;
  /** Of the one connection; undefined for a socket to which anybody sends. */
  readonly share: Share | undefined;
  /** The kernel may put away what was sent also where there is room for it. */
  readonly mayDrop: boolean;
}

/** What one call gave. */
export interface Received {
  readonly messages: readonly Message[];
  /** Of their senders. */
  readonly batch: SenderBatch;
}
