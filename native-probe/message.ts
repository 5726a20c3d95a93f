/** Messages of AF_UNIX sockets with all that comes along: recvmmsg(2), sendmsg(2). */
import { constants } from 'node:os';

import { type Ancillary, controlSize, decodeAncillary } from './ancillary.js';
import type { Fd } from './fd.js';
import * as libc from './libc.js';
import type { SenderOption } from './socket-kinds.js';
import { withoutNewDescriptors } from './no-more-descriptors.js';
import { check } from './syscall-error.js';
import { uapi } from './uapi.js';
import { decodeAddress, sockaddrSize, type UnixAddress } from './unix-address.js';

/** A message, or what one read of a stream gave. The bytes are the caller's until the next receive only. */
export interface Message {
  /** As many bytes as fitted. */
  readonly data: Buffer;
  /** Bytes of the whole message, if asked for with `wholeLength`; of a stream, of what was read. */
  readonly length: number;
  /** The address of a datagram's sender, which need not have one. */
  readonly from: UnixAddress;
  readonly ancillary: Ancillary;
  /** MSG_CTRUNC: ancillary data was left out, a pidfd perhaps. */
  readonly controlTruncated: boolean;
}

// struct mmsghdr of 64-bit Linux: struct msghdr, msg_len, padding
const msghdrSize = 56;
const mmsghdrSize = 64;
const iovecSize = 16;
const nameRoom = align8(sockaddrSize);

function align8(length: number): number {
  return (length + 7) & ~7;
}

/** As a rule datagrams come from sockets that were never bound. */
const unnamed: UnixAddress = { kind: 'unnamed' };

/**
 * Receives messages, several with one system call, into buffers that are made
 * once: struct mmsghdr, with room for names and control messages, for each.
 */
export class MessageReceiver {
  readonly #headers: Buffer;
  readonly #names: Buffer;
  readonly #controls: Buffer;
  readonly #data: Buffer;
  readonly #vectors: Buffer;
  /** Slots that the last call filled. */
  #used = 0;
  /** Bytes for control messages that each slot offers. */
  #offered: number;

  /**
   * @param most - messages per call
   * @param room - bytes for each; a longer datagram is cut
   * @param controlRoom - bytes for each's control messages
   */
  constructor(
    readonly most: number,
    private readonly room = 64 * 1024,
    private readonly controlRoom = controlSize,
  ) {
    this.#offered = controlRoom;
    // Not from Node's pool: memory of their own, which stays where the kernel is told that it is
    this.#headers = Buffer.allocUnsafeSlow(most * mmsghdrSize).fill(0);
    this.#vectors = Buffer.allocUnsafeSlow(most * iovecSize);
    this.#names = Buffer.allocUnsafeSlow(most * nameRoom);
    this.#controls = Buffer.allocUnsafeSlow(most * align8(controlRoom));
    this.#data = Buffer.allocUnsafeSlow(most * room);
    for (let slot = 0; slot < most; slot++) {
      const header = slot * mmsghdrSize;
      this.#headers.writeBigUInt64LE(libc.addressOfBuffer(this.#names) + BigInt(slot * nameRoom), header);
      this.#headers.writeBigUInt64LE(libc.addressOfBuffer(this.#vectors) + BigInt(slot * iovecSize), header + 16);
      this.#headers.writeBigUInt64LE(1n, header + 24);
      this.#headers.writeBigUInt64LE(
        libc.addressOfBuffer(this.#controls) + BigInt(slot * align8(controlRoom)),
        header + 32,
      );
      this.#vectors.writeBigUInt64LE(libc.addressOfBuffer(this.#data) + BigInt(slot * room), slot * iovecSize);
      this.#vectors.writeBigUInt64LE(BigInt(room), slot * iovecSize + 8);
      this.#offerRoom(slot);
    }
  }

  /**
   * recvmmsg(2) with MSG_DONTWAIT: what there is now, which may be nothing. A
   * stream at its end gives one message of length 0. Every message's
   * ancillary data is the caller's to dispose of.
   *
   * @param wholeLength - for datagrams and seqpackets: tell the whole length of one that was cut (MSG_TRUNC)
   * @param most - how many messages to take at most
   * @param controlRoom - bytes for each's control messages, if fewer than there are
   * @throws SyscallError ECONNRESET
   */
  receive(socket: Fd, wholeLength: boolean, most = this.most, controlRoom = this.controlRoom): Message[] {
    return this.#call(socket, wholeLength ? uapi.MSG_TRUNC : 0, most, controlRoom);
  }

  /**
   * Of the message that is received next, which stays where it is, and brings no descriptor now.
   *
   * @returns undefined when there is none
   * @throws SyscallError ECONNRESET
   */
  peek(
    socket: Fd,
  ): (Pick<Message, 'length'> & Pick<Ancillary, 'credential'> & { bringsDescriptors: boolean }) | undefined {
    // In place of a pidfd there is EMFILE then, so that there is room for all but passed descriptors
    const [next] = withoutNewDescriptors(() => this.#call(socket, uapi.MSG_PEEK, 1, this.controlRoom));
    if (next === undefined) return undefined;
    return { length: next.length, credential: next.ancillary.credential, bringsDescriptors: next.controlTruncated };
  }

  /** One message of at most so many bytes: of a stream what was peeked at, and not what has come after it. */
  receivePeeked(socket: Fd, length: number, controlRoom = this.controlRoom): Message[] {
    this.#vectors.writeBigUInt64LE(BigInt(length), 8);
    try {
      return this.#call(socket, 0, 1, controlRoom);
    } finally {
      this.#vectors.writeBigUInt64LE(BigInt(this.room), 8);
    }
  }

  #call(socket: Fd, flags: number, most: number, controlRoom: number): Message[] {
    const isOther = controlRoom !== this.#offered;
    this.#offered = controlRoom;
    // The last call wrote over the room that its slots had
    for (let slot = 0; slot < (isOther ? this.most : this.#used); slot++) this.#offerRoom(slot);
    this.#used = 0;
    const always = uapi.MSG_DONTWAIT | uapi.MSG_CMSG_CLOEXEC;
    const result = libc.recvmmsg(socket.number, this.#headers, most, always | flags, null);
    if (result === -constants.errno.EAGAIN || result === -constants.errno.EINTR) return [];
    this.#used = check(result, 'recvmmsg');
    const messages: Message[] = [];
    for (let slot = 0; slot < this.#used; slot++) messages.push(this.#message(slot));
    return messages;
  }

  /** Sets the room for a slot's name and control messages; the kernel writes how much it used over that. */
  #offerRoom(slot: number): void {
    const header = slot * mmsghdrSize;
    this.#headers.writeUInt32LE(nameRoom, header + 8);
    this.#headers.writeUInt32LE(this.#offered, header + 40);
  }

  #message(slot: number): Message {
    const header = slot * mmsghdrSize;
    const nameLength = this.#headers.readUInt32LE(header + 8);
    const controlLength = this.#headers.readUInt32LE(header + 40);
    const flags = this.#headers.readInt32LE(header + 48);
    const length = this.#headers.readUInt32LE(header + 56);
    const name = slot * nameRoom;
    const control = slot * align8(this.controlRoom);
    const data = slot * this.room;
    return {
      data: this.#data.subarray(data, data + Math.min(length, this.room)),
      length,
      from: nameLength === 0 ? unnamed : decodeAddress(this.#names.subarray(name, name + nameRoom), nameLength),
      ancillary: decodeAncillary(this.#controls, control, control + controlLength),
      controlTruncated: (flags & uapi.MSG_CTRUNC) !== 0,
    };
  }
}

/** Closes descriptors that came by SCM_RIGHTS, or leaves them to be closed by the next. */
export interface Closer {
  close(ancillary: Pick<Ancillary, 'passed' | 'credential'>): void;
}

/**
 * Deals with messages one by one. The descriptors that came with them are closed at the end, whatever happens.
 *
 * @param closer - of those that were passed, whose close(2) a sender can make last
 */
export function dealWith(
  messages: readonly Message[],
  deal: (message: Message, index: number) => void,
  closer?: Closer,
): void {
  try {
    messages.forEach(deal);
  } finally {
    for (const { ancillary } of messages) closer?.close(ancillary);
    for (const { ancillary } of messages) ancillary[Symbol.dispose]();
  }
}

/** What goes out with a message. */
export interface Outgoing {
  readonly data: Buffer;
  /** A struct cmsghdr and its data, as encodeCredential() makes them. */
  readonly control?: Buffer | undefined;
}

const empty = Buffer.alloc(0);

/**
 * sendmsg(2) on a connected socket, with MSG_NOSIGNAL.
 *
 * @returns how many bytes were taken, which a stream may do in parts
 * @throws SyscallError EPERM when the credentials that are stated need privilege; EPIPE; EMSGSIZE; EAGAIN
 */
export function send(socket: Fd, outgoing: Outgoing): number {
  return check(libc.sendmsg(socket.number, messageBuffer(outgoing), uapi.MSG_NOSIGNAL), 'sendmsg');
}

/** A struct msghdr, at the start of a buffer that also holds all that it points to. */
export function messageBuffer({ data, control = empty }: Outgoing): Buffer {
  // One buffer is an argument of the call, and so outlives it
  const [vector, controlAt] = [msghdrSize, msghdrSize + iovecSize];
  const dataAt = controlAt + control.length;
  const message = Buffer.alloc(dataAt + data.length);
  const address = libc.addressOfBuffer(message);
  message.writeBigUInt64LE(address + BigInt(vector), 16);
  message.writeBigUInt64LE(1n, 24);
  if (control.length > 0) {
    message.writeBigUInt64LE(address + BigInt(controlAt), 32);
    message.writeBigUInt64LE(BigInt(control.length), 40);
  }
  message.writeBigUInt64LE(address + BigInt(dataAt), vector);
  message.writeBigUInt64LE(BigInt(data.length), vector + 8);
  control.copy(message, controlAt);
  data.copy(message, dataAt);
  return message;
}

/**
 * setsockopt(2): has each message that is sent from now on carry its sender's
 * ids (SO_PASSCRED), pidfd (SO_PASSPIDFD, Linux 6.5) and label (SO_PASSSEC).
 * Accepted sockets inherit it, so it is to be set before listen(2).
 *
 * @throws SyscallError ENOPROTOOPT where the kernel has no such option, EPERM where a BPF program forbids it
 */
export function askForSenders(socket: Fd, option: SenderOption): void {
  const on = Buffer.alloc(4);
  on.writeInt32LE(1);
  check(libc.setsockopt(socket.number, uapi.SOL_SOCKET, uapi[option], on, on.length), `setsockopt(${option})`);
}
