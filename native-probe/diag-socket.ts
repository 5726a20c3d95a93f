/** One answer of UNIX_DIAG: a struct unix_diag_msg and its attributes. <linux/unix_diag.h>, net/unix/diag.c */
import type { SocketType } from './socket-kinds.js';
import { uapi } from './uapi.js';
import { decodeName, type UnixAddress } from './unix-address.js';
import { typeOfNumber } from './unix-socket.js';

/** One socket, as the kernel lists it. */
export interface DiagSocket {
  readonly inode: number;
  /** A number that no other socket has or had since boot, as an inode number may: SO_COOKIE. Linux 5.10 */
  readonly cookie?: number;
  readonly type: SocketType;
  readonly state: 'listening' | 'connected' | 'unconnected';
  /** The address that it is bound to. */
  readonly address: UnixAddress;
  /** The file that bind(2) made, even if another file has that path now. */
  readonly file: { readonly inode: bigint; readonly device: number } | undefined;
  /** The inode number of the other end; undefined while no process has accepted that, or when it is closed. */
  readonly peerInode: number | undefined;
  readonly backlog: Backlog | undefined;
  /**
   * Bytes that wait to be read here, of a datagram socket those of the first message only; and the memory, with what
   * the kernel adds to each message, of what nobody has read yet of what was sent from here. Undefined of a listener.
   * net/unix/af_unix.c, unix_inq_len(), unix_outq_len()
   */
  readonly queue: { readonly receive: number; readonly send: number } | undefined;
  /** Which directions are closed, by shutdown(2) on either end or because the other end is gone. */
  readonly shutdown: { readonly receive: boolean; readonly send: boolean };
  /**
   * The inodes of the clients that wait to be accepted, without those that have closed their end meanwhile; undefined
   * where the kernel tells only how many there are.
   */
  readonly pending: readonly number[] | undefined;
  /** Who made the socket; undefined before Linux 5.3. */
  readonly owner: number | undefined;
}

/** Clients that a listener has not accepted yet, in at most one place more than `most`. net/unix/af_unix.c, unix_recvq_full() */
export interface Backlog {
  /** Clients that wait; with those that are gone, where `pending` does not distinguish them. */
  readonly waiting: number;
  /** Clients that have closed their end, and keep their place. Absent without any. */
  readonly gone?: number;
  /** What was given to listen(2). */
  readonly most: number;
}

/** How many places are taken in a backlog. */
export function placesTaken({ waiting, gone = 0 }: Backlog): number {
  return waiting + gone;
}

/**
 * Whether a datagram socket is connected to one that is closed: the kernel's list tells that there is another end, and
 * no inode of it. Of a connection-oriented one the other end may also wait to be accepted.
 */
export function isConnectedToClosed({ type, state, peerInode }: DiagSocket): boolean {
  return type === 'dgram' && state === 'connected' && peerInode === undefined;
}

const messageSize = 16;
export const offsetOfInode = 4;
const offsetOfCookie = 8;

/** The cookie in an answer: a counter, far below 2 ** 53. @param at - where the answer begins */
export function cookieAt(words: Uint32Array, at: number): number {
  return (words[(at + offsetOfCookie) >> 2] ?? 0) + (words[(at + offsetOfCookie + 4) >> 2] ?? 0) * 2 ** 32;
}

const unnamed: UnixAddress = { kind: 'unnamed' };
const nothingPending: readonly number[] = [];
const notShutDown = { receive: false, send: false };
const emptyQueue = { receive: 0, send: 0 };

// <linux/net.h>, as the kernel keeps them: include/net/sock.h
const RCV_SHUTDOWN = 1;
const SEND_SHUTDOWN = 2;

/** Decodes answers of UNIX_DIAG. Tens of thousands come at once, so equal addresses and files share one object. */
export class SocketDecoder {
  readonly #buffer: Buffer;
  readonly #words: Uint32Array;
  /** The sockets that a listener accepted have its name. */
  readonly #addresses = new Map<string, UnixAddress>();
  readonly #files = new Map<number, NonNullable<DiagSocket['file']>>();

  constructor(bytes: ArrayBuffer) {
    this.#buffer = Buffer.from(bytes);
    this.#words = new Uint32Array(bytes);
  }

  /**
   * Decodes the answer between two offsets.
   *
   * @param states - a mask of 1 << TCP_*: only sockets in one of these states
   * @returns undefined for sockets in other states, and for ends that wait to be accepted: these have no inode yet, and
   * their listener tells of them
   */
  decode(from: number, to: number, states: number): DiagSocket | undefined {
    const words = this.#words;
    const wordAt = (at: number): number => words[at >> 2] ?? 0;
    const header = wordAt(from);
    const type = typeOfNumber((header >> 8) & 0xff);
    const state = (header >> 16) & 0xff;
    const inode = wordAt(from + offsetOfInode);
    if (type === undefined || inode === 0 || (states & (1 << state)) === 0) return undefined;
    const listening = state === uapi.TCP_LISTEN;
    let address = unnamed;
    let file: DiagSocket['file'];
    let peer: number | undefined;
    let pending: readonly number[] | undefined;
    let receiveQueue = -1;
    let sendQueue = 0;
    let shutdown: DiagSocket['shutdown'] = notShutDown;
    let owner: number | undefined;
    for (let at = from + messageSize; at + 4 <= to;) {
      const attribute = wordAt(at);
      const length = attribute & 0xffff;
      if (length < 4) break;
      const value = at + 4;
      switch (attribute >>> 16) {
        case uapi.UNIX_DIAG_NAME:
          address = this.#addressAt(value, at + length);
          break;
        case uapi.UNIX_DIAG_VFS:
          file = this.#fileOf(wordAt(value), wordAt(value + 4));
          break;
        case uapi.UNIX_DIAG_PEER:
          peer = wordAt(value);
          break;
        case uapi.UNIX_DIAG_ICONS:
          // 0 stands for a client that has closed its end already
          pending = Array.from({ length: (length - 4) >> 2 }, (_, index) => wordAt(value + 4 * index)).filter(Boolean);
          break;
        case uapi.UNIX_DIAG_RQLEN:
          receiveQueue = wordAt(value);
          sendQueue = wordAt(value + 4);
          break;
        case uapi.UNIX_DIAG_SHUTDOWN: {
          const bits = wordAt(value) & 0xff;
          if (bits !== 0) shutdown = { receive: (bits & RCV_SHUTDOWN) !== 0, send: (bits & SEND_SHUTDOWN) !== 0 };
          break;
        }
        case uapi.UNIX_DIAG_UID:
          owner = wordAt(value);
          break;
      }
      at += (length + 3) & ~3;
    }
    // A datagram receiver is TCP_ESTABLISHED as soon as anybody connects to it. af_unix.c, unix_dgram_connect()
    const connected = type === 'dgram' ? peer !== undefined : state === uapi.TCP_ESTABLISHED;
    return {
      inode,
      cookie: cookieAt(words, from),
      type,
      state: listening ? 'listening' : connected ? 'connected' : 'unconnected',
      address,
      file,
      peerInode: peer === 0 ? undefined : peer, // 0: the other end is closed
      backlog: listening && receiveQueue >= 0 ? backlogOf(receiveQueue, pending, sendQueue) : undefined,
      queue: listening || receiveQueue < 0 ? undefined : queueOf(receiveQueue, sendQueue),
      shutdown,
      pending: pending ?? (listening && receiveQueue > 0 ? undefined : nothingPending),
      owner,
    };
  }

  #addressAt(from: number, to: number): UnixAddress {
    const bytes = this.#buffer.toString('latin1', from, to);
    let address = this.#addresses.get(bytes);
    if (address === undefined) {
      address = decodeName(this.#buffer.subarray(from, to));
      this.#addresses.set(bytes, address);
    }
    return address;
  }

  #fileOf(inode: number, device: number): DiagSocket['file'] {
    let file = this.#files.get(inode);
    if (file?.device !== device) {
      file = { inode: BigInt(inode), device };
      this.#files.set(inode, file);
    }
    return file;
  }
}

/** The kernel counts those that have gone, too. */
function backlogOf(places: number, pending: readonly number[] | undefined, most: number): Backlog {
  const gone = pending === undefined ? 0 : Math.max(0, places - pending.length);
  return gone === 0 ? { waiting: places, most } : { waiting: places - gone, gone, most };
}

function queueOf(receive: number, send: number): NonNullable<DiagSocket['queue']> {
  return receive === 0 && send === 0 ? emptyQueue : { receive, send };
}
