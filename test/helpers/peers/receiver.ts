import type { Fd } from '../../../native-probe/fd.js';
import { askForSenders, type Message, MessageReceiver } from '../../../native-probe/message.js';
import type { SocketType } from '../../../native-probe/socket-kinds.js';
import { failedWith } from '../../../native-probe/syscall-error.js';
import * as unix from '../../../native-probe/unix-socket.js';
import { inspectMessage, type MessageInspection } from '../../../src/inspection/inspect-message.js';
import { SenderBatch } from '../../../src/inspection/sender-batch.js';
import { parseTarget } from '../../../src/socket/address.js';
import { Witness } from '../../../src/words/evidence.js';
import { waitFor } from '../wait-for.js';

/** A socket of this process that asks for its senders, with a name. */
export class Receiver implements Disposable {
  readonly #listener: Fd;
  #accepted: Fd | undefined;

  constructor(
    address: string,
    readonly type: SocketType,
  ) {
    const target = parseTarget(address);
    if (target.kind === 'descriptor' || target.kind === 'inode') throw new Error('an address is wanted');
    this.#listener = unix.openSocket(type);
    ask(this.#listener);
    unix.bind(this.#listener, target);
    if (type !== 'dgram') unix.listen(this.#listener, 16);
  }

  /** What receives: of a datagram socket the socket itself, else the connection of the client that waits. */
  get socket(): Fd {
    if (this.type === 'dgram') return this.#listener;
    this.#accepted ??= unix.accept(this.#listener);
    if (this.#accepted === undefined) throw new Error('no client waits');
    return this.#accepted;
  }

  /** The message that comes next. */
  async next(receiver = new MessageReceiver(1)): Promise<Message> {
    const messages: Message[] = [];
    await waitFor('a message came', () => messages.push(...receiver.receive(this.socket, this.type !== 'stream')) > 0);
    const [message] = messages;
    if (message === undefined) throw new Error('no message');
    return message;
  }

  [Symbol.dispose](): void {
    this.#accepted?.[Symbol.dispose]();
    this.#listener[Symbol.dispose]();
  }
}

/** Has messages carry their senders' ids from now on, and pidfds where the kernel has them (Linux 6.5). */
export function ask(socket: Fd): void {
  askForSenders(socket, 'SO_PASSCRED');
  try {
    askForSenders(socket, 'SO_PASSPIDFD');
  } catch (error) {
    if (!failedWith(error, 'ENOPROTOOPT')) throw error;
  }
}

/** What is said of a message that belongs to no connection. */
export function reportOf(message: Message): MessageInspection {
  return inspectMessage(message, 64, undefined, new SenderBatch(), Witness.silent());
}
