/**
 * UNIX_DIAG: the kernel's own list of AF_UNIX sockets, of our network
 * namespace. sock_diag(7), net/unix/diag.c. (/proc/net/unix can be made to show false rows.)
 */
import { constants } from 'node:os';

import { Fd } from './fd.js';
import * as libc from './libc.js';
import { check, SyscallError } from './syscall-error.js';
import { uapi } from './uapi.js';
import { decodeName, type UnixAddress } from './unix-address.js';
import { typeOfNumber, type SocketType } from './unix-socket.js';

/** One socket, as the kernel lists it. */
export interface DiagSocket {
  readonly inode: number;
  readonly type: SocketType;
  readonly state: 'listening' | 'connected' | 'unconnected';
  /** The address that it is bound to. */
  readonly address: UnixAddress;
  /** Which file a path was bound as, even if another has that path now. */
  readonly file: { readonly inode: bigint; readonly device: number } | undefined;
  /** The inode of the other end; undefined while no process has accepted it. */
  readonly peerInode: number | undefined;
  /** A listener's clients that wait to be accepted, and how many may. */
  readonly backlog: { readonly waiting: number; readonly most: number } | undefined;
  /** Bytes that wait to be read here, and bytes from here that nobody has read yet; undefined of a listener. */
  readonly queue: { readonly receive: number; readonly send: number } | undefined;
  /** Which directions are closed, by shutdown(2) on either end or because the other end is gone. */
  readonly shutdown: { readonly receive: boolean; readonly send: boolean };
  /** The inodes of the clients that wait to be accepted. */
  readonly pending: readonly number[];
  /** Who made the socket; undefined before Linux 5.3. */
  readonly owner: number | undefined;
}

const nlmsghdrSize = 16;
const requestSize = 24; // struct unix_diag_req
const messageSize = 16; // struct unix_diag_msg

const show =
  uapi.UDIAG_SHOW_NAME |
  uapi.UDIAG_SHOW_VFS |
  uapi.UDIAG_SHOW_PEER |
  uapi.UDIAG_SHOW_ICONS |
  uapi.UDIAG_SHOW_RQLEN |
  uapi.UDIAG_SHOW_UID;

function request(flags: number, states: number, inode: number): Buffer {
  const message = Buffer.alloc(nlmsghdrSize + requestSize);
  message.writeUInt32LE(message.length, 0);
  message.writeUInt16LE(uapi.SOCK_DIAG_BY_FAMILY, 4);
  message.writeUInt16LE(uapi.NLM_F_REQUEST | flags, 6);
  message.writeUInt8(uapi.AF_UNIX, 16);
  message.writeUInt32LE(states, 20);
  message.writeUInt32LE(inode, 24);
  message.writeUInt32LE(show, 28);
  // INET_DIAG_NOCOOKIE: any socket of that inode
  message.writeUInt32LE(0xffffffff, 32);
  message.writeUInt32LE(0xffffffff, 36);
  return message;
}

/**
 * The sockets in these states, those of one network namespace.
 *
 * Datagram receivers are not listening.
 *
 * @param open - opens the netlink socket: it lists the network namespace that it was made in
 * @throws SyscallError EPROTONOSUPPORT or ENOENT when the kernel has no unix_diag; EACCES, EPERM in sandboxes
 */
export function listSockets(which: 'listening' | 'not listening' | 'all', open = openSockDiag): DiagSocket[] {
  using netlink = open();
  const others = (1 << uapi.TCP_CLOSE) | (1 << uapi.TCP_ESTABLISHED);
  const states = { listening: 1 << uapi.TCP_LISTEN, 'not listening': others, all: 0xffffffff }[which];
  return ask(netlink, request(uapi.NLM_F_DUMP, states, 0));
}

/** socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG). */
export function openSockDiag(): Fd {
  return new Fd(
    check(
      libc.socket(uapi.AF_NETLINK, uapi.SOCK_RAW | uapi.SOCK_CLOEXEC, uapi.NETLINK_SOCK_DIAG),
      'socket',
      'NETLINK_SOCK_DIAG',
    ),
  );
}

/** The one socket of an inode number; undefined when our network namespace has none. */
export function socketOfInode(inode: number): DiagSocket | undefined {
  using netlink = openSockDiag();
  try {
    return ask(netlink, request(0, 0xffffffff, inode))[0];
  } catch (error) {
    if (error instanceof SyscallError && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

// One question at a time. The kernel fills no more than 32 kB of it. net/netlink/af_netlink.c, netlink_recvmsg()
const buffer = Buffer.allocUnsafeSlow(64 * 1024);
// Messages and attributes begin at multiples of four. netlink(7)
const words = new Uint32Array(buffer.buffer);

function wordAt(at: number): number {
  return words[at >> 2] ?? 0;
}

function ask(netlink: Fd, message: Buffer): DiagSocket[] {
  check(
    untilAnswered(() => libc.send(netlink.number, message, message.length, 0)),
    'send',
    'NETLINK_SOCK_DIAG',
  );
  const isDump = (message.readUInt16LE(6) & uapi.NLM_F_DUMP) !== 0;
  const sockets: DiagSocket[] = [];
  for (;;) {
    const length = check(
      untilAnswered(() => libc.recv(netlink.number, buffer, buffer.length, 0)),
      'recv',
      'NETLINK_SOCK_DIAG',
    );
    for (let at = 0; at + nlmsghdrSize <= length;) {
      const size = wordAt(at);
      const type = wordAt(at + 4) & 0xffff;
      const payload = at + nlmsghdrSize;
      if (type === uapi.NLMSG_DONE) {
        // A dump that failed on the way says so at its end: a negated errno. netlink(7)
        if (size >= nlmsghdrSize + 4) check(wordAt(payload) | 0, 'sock_diag');
        return sockets;
      }
      if (type === uapi.NLMSG_ERROR) throw new SyscallError('sock_diag', -(wordAt(payload) | 0));
      const socket = decodeSocket(payload, at + size);
      if (socket !== undefined) sockets.push(socket);
      at += (size + 3) & ~3;
    }
    if (!isDump) return sockets;
  }
}

/** A signal may come while the kernel is being asked. */
function untilAnswered(call: () => number): number {
  let result: number;
  do result = call();
  while (result === -constants.errno.EINTR);
  return result;
}

const unnamed: UnixAddress = { kind: 'unnamed' };
const nothingPending: readonly number[] = [];
const notShutDown = { receive: false, send: false };

// <linux/net.h>, as the kernel keeps them: include/net/sock.h
const RCV_SHUTDOWN = 1;
const SEND_SHUTDOWN = 2;

/**
 * A struct unix_diag_msg and its attributes. Tens of thousands come at once, so nothing is allocated but what is told.
 *
 * @returns undefined for what waits to be accepted: it has no inode yet, and its listener tells of it
 */
function decodeSocket(from: number, to: number): DiagSocket | undefined {
  const header = wordAt(from);
  const type = typeOfNumber((header >> 8) & 0xff);
  const state = (header >> 16) & 0xff;
  const inode = wordAt(from + 4);
  if (type === undefined || inode === 0) return undefined;
  const listening = state === uapi.TCP_LISTEN;
  let address = unnamed;
  let file: DiagSocket['file'];
  let peer: number | undefined;
  let pending = nothingPending;
  let queue: readonly [number, number] | undefined;
  let shutdown: DiagSocket['shutdown'] = notShutDown;
  let owner: number | undefined;
  for (let at = from + messageSize; at + 4 <= to;) {
    const attribute = wordAt(at);
    const length = attribute & 0xffff;
    if (length < 4) break;
    const value = at + 4;
    switch (attribute >>> 16) {
      case uapi.UNIX_DIAG_NAME:
        address = decodeName(buffer.subarray(value, at + length));
        break;
      case uapi.UNIX_DIAG_VFS:
        file = { inode: BigInt(wordAt(value)), device: wordAt(value + 4) };
        break;
      case uapi.UNIX_DIAG_PEER:
        peer = wordAt(value);
        break;
      case uapi.UNIX_DIAG_ICONS:
        pending = Array.from({ length: (length - 4) >> 2 }, (_, index) => wordAt(value + 4 * index));
        break;
      case uapi.UNIX_DIAG_RQLEN:
        queue = [wordAt(value), wordAt(value + 4)];
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
    type,
    state: listening ? 'listening' : connected ? 'connected' : 'unconnected',
    address,
    file,
    peerInode: peer === 0 ? undefined : peer, // 0 is one that is closed
    backlog: listening && queue !== undefined ? { waiting: queue[0], most: queue[1] } : undefined,
    queue: listening || queue === undefined ? undefined : { receive: queue[0], send: queue[1] },
    shutdown,
    pending,
    owner,
  };
}
