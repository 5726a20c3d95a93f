import type { Fd } from '../../native-probe/fd.js';
import { failedWith } from '../../native-probe/syscall-error.js';
import { bind, listen, openSocket } from '../../native-probe/unix-socket.js';
import { formatTarget, type Target } from '../address.js';
import { factsOf } from '../opening/open-descriptor.js';
import { guardedDirectories } from '../opening/entry.js';
import { fileAt, type SocketFacts } from '../opening/socket-facts.js';
import { Problem } from '../problem.js';
import { SocketFile } from './socket-file.js';

export type ListenAddress = Exclude<Target, { kind: 'descriptor' }>;

export interface ListenOptions {
  readonly type: 'stream' | 'seqpacket';
  /** Of the socket's file; undefined for what umask(2) leaves. */
  readonly mode: number | undefined;
  readonly replace: boolean;
}

/** As many clients as the kernel lets wait: it cuts this to net.core.somaxconn. */
const backlog = 65535;

/** A listening socket of ours, and its file. */
export class Listener implements Disposable {
  readonly facts: SocketFacts;
  readonly #file: SocketFile | undefined;

  private constructor(
    readonly socket: Fd,
    address: ListenAddress,
    options: ListenOptions,
  ) {
    try {
      const subject = formatTarget(address);
      if (address.kind === 'path') this.#file = SocketFile.bind(socket, address.path, options.mode, options.replace);
      else bindName(socket, address, subject);
      listen(socket, backlog, subject);
      this.facts = { ...factsOf(socket, { type: options.type, state: 'listening' }), address, ...fileFacts(address) };
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  static open(address: ListenAddress, options: ListenOptions): Listener {
    return new Listener(openSocket(options.type), address, options);
  }

  /** The file goes before the socket, which keeps its inode number from being used again. */
  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]();
    this.socket[Symbol.dispose]();
  }
}

function fileFacts(address: ListenAddress): Pick<SocketFacts, 'file' | 'guards'> {
  if (address.kind !== 'path') return { file: undefined, guards: undefined };
  return { file: fileAt(address.path), guards: guardedDirectories(address.path) };
}

function bindName(socket: Fd, address: ListenAddress, subject: string): void {
  try {
    bind(socket, address, subject);
  } catch (error) {
    if (!failedWith(error, 'EADDRINUSE')) throw error;
    throw new Problem(
      'EADDRINUSE',
      `${subject} is taken`,
      'Stop what has it (`ss -xlp` shows it), or give another name.',
    );
  }
}
