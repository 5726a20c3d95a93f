import type { Fd } from '../../native-probe/fd.js';
import { failedWith } from '../../native-probe/syscall-error.js';
import { accept } from '../../native-probe/unix-socket.js';
import type { PinnedProcess } from '../identity/pinned-process.js';
import type { ProcFacts } from '../identity/proc-facts.js';
import type { ProcessFacts } from '../identity/process-facts.js';
import { inspectMessage, type MessageInspection } from '../inspection/inspect-message.js';
import { inspect, type Inspection } from '../inspection/inspect.js';
import { IdentityBatch } from '../inspection/identity-batch.js';
import { acceptedSocketOf } from '../socket/own-socket.js';
import type { ConnectionPeer } from '../verdict/sender-findings.js';
import type { Witness } from '../words/evidence.js';
import { valueOf } from '../words/reading.js';
import { AcceptedClient, mostPerTurn } from './accepted-client.js';
import { descriptorsForOthers } from './descriptors.js';
import type { EventLoop, Watch } from './event-loop.js';
import type { Listener } from './listener.js';
import type { PassedCloser } from './passed-closer.js';
import { ProcessWatch } from './process-watch.js';
import { Receiving } from './receiving.js';

/** What a server calls when something happens. Connections are told by their numbers, which count from 1. */
export interface ServerEvents {
  connected(connection: number, inspection: Inspection): void;
  /**
   * @param connections - all that it made, or the first {@link mostNumbered} of them
   * @param more - how many others there were
   * @param last - the process as it was when it connected last
   */
  exited(
    connections: readonly number[],
    more: number,
    facts: ProcessFacts<ProcFacts>,
    last: ProcessFacts | undefined,
  ): void;
  message(connection: number | undefined, inspection: MessageInspection): void;
  disconnected(connection: number, bytes: number): void;
  /** Nobody is accepted for now, for want of descriptors or memory. @param code - of the errno, such as EMFILE */
  short(code: string): void;
  /** The last connection that was to be accepted is closed. */
  finished(): void;
  /** Whether more may be told now. Without room a server leaves clients and messages with the kernel. */
  hasRoom(): boolean;
}

/** What a server is to do. */
export interface ServerOptions {
  /** Clients to accept, or datagrams to receive; Infinity for no limit. */
  readonly count: number;
  /** Look through every process's descriptors for who holds the other end. */
  readonly holders: boolean;
  /** Bytes of each message to keep. */
  readonly preview: number;
  readonly witness: () => Witness;
}

/** Clients accepted in one turn of the loop, so that exits and signals are seen under load. */
const mostAcceptedPerTurn = 64;

/** How long to wait with accept(2) when descriptors or memory are short. Milliseconds. */
const pauseWhenShort = 250;

/** Processes whose end is still waited for after their last connection closed. */
export const mostWatchedAfterwards = 1024;

/** Connections of one process whose numbers are kept, until it ends; others are counted. */
export const mostNumbered = 256;

/** For `--explain`. */
const sameAsEarlier =
  'the same process as of an earlier client of those that were accepted together: what was found then, after all had connected, is shown again';

/** A client whose process was not looked at. */
interface Accepted {
  readonly number: number;
  readonly socket: Fd;
  readonly connection: AcceptedClient;
}

/** A process with connections here, watched for its end. */
interface Peer {
  readonly watch: ProcessWatch;
  /** The process as it was when it connected last. */
  last: ProcessFacts | undefined;
  /** The numbers of the first {@link mostNumbered} connections that it ever made. */
  readonly connections: number[];
  /** How many others it made. */
  more: number;
  /** How many of them are open now. */
  open: number;
}

/** Accepts clients, inspects each, and watches the connection and the process until both have ended. */
export class Server implements Disposable {
  readonly #connections = new Map<number, AcceptedClient>();
  /** By pidfd id: one pidfd a process, however many connections it makes. */
  readonly #peers = new Map<bigint | number, Peer>();
  readonly #room = descriptorsForOthers();
  readonly #receiving: Receiving;
  #accepted = 0;
  #listening: Watch | undefined;
  #paused = false;

  constructor(
    private readonly loop: EventLoop,
    private readonly listener: Listener,
    private readonly options: ServerOptions,
    private readonly events: ServerEvents,
    private readonly closer: PassedCloser,
  ) {
    this.#receiving = new Receiving(mostPerTurn, listener.asksForPidfds, closer, () => this.#clients);
    this.#resume();
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#connections.size;
  }

  /** Descriptors of clients and their processes. */
  get #clients(): number {
    return this.#connections.size + this.#peers.size;
  }

  /** Descriptors that clients have cost by now. */
  get #taken(): number {
    return this.#clients + this.closer.waiting;
  }

  #resume(): void {
    if (this.#listening !== undefined || this.#accepted >= this.options.count) return;
    this.#listening = this.loop.watch(this.listener.socket, 'readable', () => {
      this.#acceptSome();
    });
  }

  #stopAccepting(): void {
    this.#listening?.[Symbol.dispose]();
    this.#listening = undefined;
  }

  /** All are accepted before any process is looked at, so that a process with many of them is looked at once. */
  #acceptSome(): void {
    const clients: Accepted[] = [];
    let shortage: string | undefined;
    while (shortage === undefined && clients.length < mostAcceptedPerTurn && this.#accepted < this.options.count) {
      const socket = this.#hasRoomBeside(clients.length) ? this.#tryAccept() : 'EMFILE';
      if (socket === undefined) break;
      if (typeof socket === 'string') shortage = socket;
      else clients.push(this.#take(socket));
    }
    const batch = new IdentityBatch(sameAsEarlier);
    for (const client of clients) this.#welcome(client, batch);
    if (this.#accepted >= this.options.count) this.#stopAccepting();
    // Of a batch each was taken to need a pidfd of its own: the next turn tells whether there is room
    else if (shortage !== undefined && clients.length === 0) this.#pause(shortage);
  }

  /** @param accepted - clients whose processes were not looked at, each of which may cost a pidfd */
  #hasRoomBeside(accepted: number): boolean {
    if (this.#taken + accepted < this.#room) return true;
    this.#forgetEndedConnections();
    return this.#taken + accepted < this.#room;
  }

  /** @returns undefined where nobody waits, or the errno's name of a shortage */
  #tryAccept(): Fd | string | undefined {
    try {
      const socket = accept(this.listener.socket);
      // The shortage is over when nobody waits any more, not with the next client that finds room
      if (socket === undefined) this.#paused = false;
      return socket;
    } catch (error) {
      if (!failedWith(error, 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM')) throw error;
      return error.code;
    }
  }

  /** Accepts nobody for a while: clients keep waiting in the backlog, and epoll would report them in every turn. */
  #pause(code: string): void {
    this.#stopAccepting();
    if (!this.#paused) this.events.short(code);
    this.#paused = true;
    this.loop.after(pauseWhenShort, () => {
      this.#resume();
    });
  }

  #take(socket: Fd): Accepted {
    const number = ++this.#accepted;
    const connection = new AcceptedClient(this.loop, socket, this.listener.facts.type, this.#receiving, {
      message: (message, batch) => {
        const { preview, witness } = this.options;
        const inspection = inspectMessage(message, preview, connection.peer, batch, witness());
        this.events.message(number, inspection);
      },
      ended: (bytes) => {
        this.#left(number, bytes);
      },
    });
    this.#connections.set(number, connection);
    return { number, socket, connection };
  }

  /** Looks at the process of a client, and tells both. */
  #welcome({ number, socket, connection }: Accepted, batch: IdentityBatch): void {
    const opened = acceptedSocketOf(socket, this.listener.facts);
    const { holders, witness } = this.options;
    const { facts: inspection, pin } = inspect(opened, witness(), { holders, batch });
    connection.peer = connectionPeer(inspection);
    connection.process = this.#watchProcess(number, pin, valueOf(inspection.peer.pinned));
    this.events.connected(number, inspection);
  }

  /**
   * Watches the process of a connection for its end, which is told once for all of its connections.
   *
   * @param pin - owned by the server from here on; undefined where there is none, or an earlier connection has it
   * @returns the key of the process among the peers; undefined where nothing pins it
   */
  #watchProcess(
    connection: number,
    pin: PinnedProcess | undefined,
    facts: ProcessFacts | undefined,
  ): bigint | number | undefined {
    const key = pin?.id ?? facts?.pidfdId ?? connection;
    const known = this.#peers.get(key);
    if (known !== undefined) {
      pin?.[Symbol.dispose]();
      if (known.connections.length < mostNumbered) known.connections.push(connection);
      else known.more++;
      known.open++;
      known.last = facts;
      return key;
    }
    if (pin === undefined) return undefined;
    const watch = new ProcessWatch(this.loop, pin, (facts) => {
      this.#exited(key, facts);
    });
    this.#peers.set(key, { watch, last: facts, connections: [connection], more: 0, open: 1 });
    return key;
  }

  #exited(key: bigint | number, facts: ProcessFacts<ProcFacts>): void {
    const peer = this.#peers.get(key);
    if (peer === undefined) return;
    this.#peers.delete(key);
    peer.watch[Symbol.dispose]();
    this.events.exited(peer.connections, peer.more, facts, peer.last);
    this.#finishIfDone();
  }

  #left(number: number, bytes: number): void {
    const connection = this.#connections.get(number);
    if (connection === undefined) return;
    this.#connections.delete(number);
    connection[Symbol.dispose]();
    const peer = connection.process === undefined ? undefined : this.#peers.get(connection.process);
    if (peer !== undefined) peer.open--;
    this.events.disconnected(number, bytes);
    if (this.#peers.size > mostWatchedAfterwards) this.#forgetEndedConnections();
    this.#finishIfDone();
  }

  /** Processes that have no connection any more are not waited for when there are too many of them. */
  #forgetEndedConnections(): void {
    for (const [key, peer] of this.#peers) {
      if (peer.open > 0) continue;
      peer.watch[Symbol.dispose]();
      this.#peers.delete(key);
    }
  }

  #finishIfDone(): void {
    if (this.#accepted < this.options.count || this.#connections.size > 0) return;
    if (this.#peers.size === 0) this.events.finished();
    // A client whose connection is closed because it exits has not exited yet
    else
      this.loop.after(pauseWhenShort, () => {
        this.events.finished();
      });
  }

  [Symbol.dispose](): void {
    this.#stopAccepting();
    for (const connection of this.#connections.values()) connection[Symbol.dispose]();
    for (const { watch } of this.#peers.values()) watch[Symbol.dispose]();
    this.#connections.clear();
    this.#peers.clear();
  }
}

/** The peer of a connection, with which the senders of its messages are compared. */
function connectionPeer({ peer }: Inspection): ConnectionPeer | undefined {
  const credential = valueOf(peer.credential);
  return credential && { ...credential, pidfdId: valueOf(peer.pinned)?.pidfdId };
}
