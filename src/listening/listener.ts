import { disposeWithoutLingering } from '../../native-probe/calls/without-lingering.js';
import type { Fd } from '../../native-probe/fd.js';
import { askForSenders } from '../../native-probe/message.js';
import { passOptionNames, type SenderMark, senderMarks, type SocketType } from '../../native-probe/socket-kinds.js';
import { failedWith, type LeftBehind, named, withSubject } from '../../native-probe/syscall-error.js';
import { bind, listen, openSocket } from '../../native-probe/unix-socket.js';
import { type AddressTarget, formatTarget } from '../socket/address.js';
import { guardedDirectories } from '../socket/guards.js';
import { socketFactsOf } from '../socket/own-socket.js';
import type { SocketFacts } from '../socket/socket-facts.js';
import { fileAt } from '../socket/socket-file.js';
import { Problem } from '../words/problem.js';
import { type Reading, reading } from '../words/reading.js';
import { OwnFile } from './own-file.js';

/** What socket to make. */
export interface ListenOptions {
  readonly type: SocketType;
  /** Of the socket's file; undefined for what umask(2) leaves. */
  readonly mode: number | undefined;
  /** Whether a socket file to which nobody listens any more may be removed. */
  readonly replace: boolean;
  /** Called at the end if the socket's file cannot be removed. */
  readonly left: LeftBehind;
}

/** As many clients as the kernel lets wait: listen(2) cuts this to net.core.somaxconn. */
const backlog = 65535;

/** A listening socket of ours, and its file. */
export class Listener implements Disposable {
  readonly facts: SocketFacts;
  /** Which marks of their senders messages were asked to carry, and whether the kernel agreed. */
  readonly marks: readonly { readonly mark: SenderMark; readonly answer: Reading<void> }[];
  readonly #file: OwnFile | undefined;

  private constructor(
    readonly socket: Fd,
    address: AddressTarget,
    options: ListenOptions,
  ) {
    try {
      // Before anybody can send: what is sent before the options are set comes without its sender
      this.marks = senderMarks.map((mark) => {
        const answer = reading(() => {
          askForSenders(socket, passOptionNames[mark]);
        });
        return { mark, answer };
      });
      const name = formatTarget(address);
      if (address.kind === 'path') {
        this.#file = OwnFile.bind(socket, address.path, options.mode, options.replace, options.left);
      } else bindName(socket, address, name);
      if (options.type !== 'dgram') {
        withSubject(name, () => {
          listen(socket, backlog);
        });
      }
      const state = options.type === 'dgram' ? 'unconnected' : 'listening';
      this.facts = { ...socketFactsOf(socket, { type: options.type, state }), address, ...fileFacts(address) };
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Whether each message is to bring a pidfd of its sender. */
  get asksForPidfds(): boolean {
    return this.marks.some(({ mark, answer }) => mark === 'pidfd' && 'value' in answer);
  }

  /**
   * Opens a socket that listens, or of type dgram one that receives.
   *
   * @throws Problem where the address is taken, or something stands at the path; SyscallError for what the kernel refuses
   */
  static open(address: AddressTarget, options: ListenOptions): Listener {
    return new Listener(openSocket(options.type), address, options);
  }

  /** Removes the file before it closes the socket, which keeps the file's inode number from being used again. */
  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]();
    // With it go what was not received, and the clients that wait with what they sent
    disposeWithoutLingering(this.socket);
  }
}

function fileFacts(address: AddressTarget): Pick<SocketFacts, 'file' | 'guards'> {
  if (address.kind !== 'path') return { file: undefined, guards: undefined };
  return { file: fileAt(address.path), guards: guardedDirectories(address.path) };
}

function bindName(socket: Fd, address: AddressTarget, name: string): void {
  try {
    bind(socket, address);
  } catch (error) {
    if (!failedWith(error, 'EADDRINUSE')) throw named(error, name);
    throw new Problem(
      'EADDRINUSE',
      `${name} is taken`,
      `Stop the process that has it (\`peerpid scan --socket '${name}'\` shows it), or give another name.`,
    );
  }
}
