/**
 * UNIX_DIAG: the kernel's own list of AF_UNIX sockets, of our network
 * namespace. sock_diag(7), net/unix/diag.c. (/proc/net/unix can be made to show false rows.)
 */
import { constants } from 'node:os';

import { cookieAt, type DiagSocket, offsetOfInode, SocketDecoder } from './diag-socket.js';
import { Fd } from './fd.js';
import * as libc from './libc.js';
import { check, SyscallError } from './syscall-error.js';
import { uapi } from './uapi.js';

const listening = 1 << uapi.TCP_LISTEN;

const nlmsghdrSize = 16;
const requestSize = 24; // struct unix_diag_req

/** The attributes that are of one size for every socket, or nearly so. */
const show =
  uapi.UDIAG_SHOW_NAME | uapi.UDIAG_SHOW_VFS | uapi.UDIAG_SHOW_PEER | uapi.UDIAG_SHOW_RQLEN | uapi.UDIAG_SHOW_UID;
const showPending = show | uapi.UDIAG_SHOW_ICONS;

function request(flags: number, states: number, inode: number, wanted: number): Buffer {
  const message = Buffer.alloc(nlmsghdrSize + requestSize);
  message.writeUInt32LE(message.length, 0);
  message.writeUInt16LE(uapi.SOCK_DIAG_BY_FAMILY, 4);
  message.writeUInt16LE(uapi.NLM_F_REQUEST | flags, 6);
  message.writeUInt8(uapi.AF_UNIX, 16);
  message.writeUInt32LE(states, 20);
  message.writeUInt32LE(inode, 24);
  message.writeUInt32LE(wanted, 28);
  // INET_DIAG_NOCOOKIE: any socket of that inode
  message.writeUInt32LE(0xffffffff, 32);
  message.writeUInt32LE(0xffffffff, 36);
  return message;
}

/**
 * The sockets of one network namespace in these states. Datagram receivers count as `not listening`.
 *
 * @param open - opens the netlink socket: it lists the network namespace that it was made in
 * @throws SyscallError EPROTONOSUPPORT or ENOENT when the kernel has no unix_diag; EACCES, EPERM or EAFNOSUPPORT in
 * sandboxes
 */
export function listSockets(which: 'listening' | 'not listening' | 'all', open = openSockDiag): DiagSocket[] {
  return socketsIn(dumpSockets(which, open));
}

/** The kernel's answers as they came: plain bytes, which one thread can hand to another. */
export interface SocketDump {
  readonly bytes: ArrayBuffer;
  /** How many bytes of it are filled. */
  readonly length: number;
}

/** The inode numbers of all sockets of a network namespace, by default ours. @param open, @throws as {@link listSockets} */
export function listInodes(open = openSockDiag): Set<number> {
  using netlink = open();
  return inodesIn(ask(netlink, request(uapi.NLM_F_DUMP, 0xffffffff, 0, 0)));
}

/** What {@link listSockets} decodes. @throws SyscallError as {@link listSockets} does */
export function dumpSockets(which: 'listening' | 'not listening' | 'all', open = openSockDiag): SocketDump {
  using netlink = open();
  const others = (1 << uapi.TCP_CLOSE) | (1 << uapi.TCP_ESTABLISHED);
  const states = { listening, 'not listening': others, all: 0xffffffff }[which];
  const dump = ask(netlink, request(uapi.NLM_F_DUMP, states, 0, show));
  return which === 'all' ? withPending(netlink, dump) : dump;
}

/**
 * Adds the listeners once more, now with the clients that wait to be accepted.
 * At a listener with more clients than fit into one buffer the kernel ends the
 * dump as if it were whole (net/unix/diag.c, unix_diag_dump()): so the sockets
 * are first asked for without their waiting clients.
 */
function withPending(netlink: Fd, dump: SocketDump): SocketDump {
  return withPendingOfEach(netlink, ask(netlink, request(uapi.NLM_F_DUMP, listening, 0, showPending), dump));
}

/** Adds listeners of which the dump has no clients' inodes, each asked for alone: room for about a thousand clients. */
function withPendingOfEach(netlink: Fd, dump: SocketDump): SocketDump {
  let all = dump;
  for (const { inode } of socketsIn(dump, listening).filter(({ pending }) => pending === undefined)) {
    const more = ask(netlink, request(0, listening, inode, showPending), all);
    const isRefused = isOver(new Uint32Array(more.bytes, 0, more.length >> 2), all.length);
    all = isRefused ? { bytes: more.bytes, length: all.length } : more;
  }
  return all;
}

/**
 * The sockets in the kernel's answers; of a socket that is there twice, the later answer.
 *
 * @param states - a mask of 1 << TCP_*: only sockets in these states
 * @throws SyscallError when the kernel ended the answers with an errno
 */
export function socketsIn(dump: SocketDump, states = 0xffffffff): DiagSocket[] {
  const decoder = new SocketDecoder(dump.bytes);
  const sockets = new Map<number, DiagSocket>();
  eachAnswer(dump, (from, to) => {
    const socket = decoder.decode(from, to, states);
    if (socket !== undefined) sockets.set(socket.inode, socket);
  });
  return [...sockets.values()];
}

/** The inode numbers in the kernel's answers. @throws SyscallError when the kernel ended the answers with an errno */
export function inodesIn(dump: SocketDump): Set<number> {
  const words = new Uint32Array(dump.bytes);
  const inodes = new Set<number>();
  eachAnswer(dump, (from) => inodes.add(words[(from + offsetOfInode) >> 2] ?? 0));
  return inodes;
}

/** The same, and the cookie of each. @throws as {@link inodesIn} */
export function cookiesIn(dump: SocketDump): Map<number, number> {
  const words = new Uint32Array(dump.bytes);
  const cookies = new Map<number, number>();
  eachAnswer(dump, (from) => cookies.set(words[(from + offsetOfInode) >> 2] ?? 0, cookieAt(words, from)));
  return cookies;
}

/** socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG). */
export function openSockDiag(): Fd {
  return new Fd(
    check(
      libc.socket(uapi.AF_NETLINK, uapi.SOCK_RAW | uapi.SOCK_CLOEXEC, uapi.NETLINK_SOCK_DIAG),
      'socket(NETLINK_SOCK_DIAG)',
    ),
  );
}

/** The socket of an inode number; undefined when our network namespace has none. @throws as {@link listSockets} */
export function socketOfInode(inode: number): DiagSocket | undefined {
  using netlink = openSockDiag();
  try {
    return socketsIn(withPendingOfEach(netlink, ask(netlink, request(0, 0xffffffff, inode, show))))[0];
  } catch (error) {
    if (error instanceof SyscallError && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Bytes: the kernel fills no more at once. net/netlink/af_netlink.c, netlink_recvmsg() */
const mostAtOnce = 32 * 1024;

/** Sends a question, and collects the answers one behind the other. @param earlier - answers to add the new ones to */
function ask(netlink: Fd, message: Buffer, earlier?: SocketDump): SocketDump {
  check(
    untilAnswered(() => libc.send(netlink.number, message, message.length, 0)),
    'send',
    'NETLINK_SOCK_DIAG',
  );
  const isDump = (message.readUInt16LE(6) & uapi.NLM_F_DUMP) !== 0;
  let buffer =
    earlier === undefined ? Buffer.allocUnsafeSlow(isDump ? 16 * mostAtOnce : mostAtOnce) : Buffer.from(earlier.bytes);
  for (let length = earlier?.length ?? 0; ;) {
    if (buffer.length - length < mostAtOnce) buffer = Buffer.concat([buffer], 2 * buffer.length);
    const room = buffer.subarray(length);
    const got = check(
      untilAnswered(() => libc.recv(netlink.number, room, room.length, 0)),
      'recv',
      'NETLINK_SOCK_DIAG',
    );
    const end = length + ((got + 3) & ~3);
    if (!isDump || isOver(new Uint32Array(buffer.buffer, 0, end >> 2), length)) {
      return { bytes: buffer.buffer, length: end };
    }
    length = end;
  }
}

// Messages and attributes begin at multiples of four. netlink(7)

function sizeAt(words: Uint32Array, at: number): number {
  return (Math.max(nlmsghdrSize, words[at >> 2] ?? 0) + 3) & ~3;
}

function typeAt(words: Uint32Array, at: number): number {
  return (words[(at + 4) >> 2] ?? 0) & 0xffff;
}

/** Whether the answers from `start` on have the end of the dump among them. */
function isOver(words: Uint32Array, start: number): boolean {
  for (let at = start; at < words.byteLength; at += sizeAt(words, at)) {
    const type = typeAt(words, at);
    if (type === uapi.NLMSG_DONE || type === uapi.NLMSG_ERROR) return true;
  }
  return false;
}

/** Calls visit with where the content of each answer begins and ends. */
function eachAnswer({ bytes, length }: SocketDump, visit: (from: number, to: number) => void): void {
  const words = new Uint32Array(bytes, 0, length >> 2);
  for (let at = 0; at < length; at += sizeAt(words, at)) {
    const size = words[at >> 2] ?? 0;
    const type = typeAt(words, at);
    const payload = at + nlmsghdrSize;
    if (type !== uapi.NLMSG_DONE && type !== uapi.NLMSG_ERROR) {
      visit(payload, at + size);
      continue;
    }
    // A negated errno: a dump that failed on the way says so at its end. netlink(7)
    if (size >= nlmsghdrSize + 4) check((words[payload >> 2] ?? 0) | 0, 'sock_diag');
  }
}

/** Calls again after EINTR: a signal may come while the kernel is being asked. */
function untilAnswered(call: () => number): number {
  let result: number;
  do result = call();
  while (result === -constants.errno.EINTR);
  return result;
}
