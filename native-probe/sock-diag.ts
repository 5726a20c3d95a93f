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
}

const nlmsghdrSize = 16;
const requestSize = 24; // struct unix_diag_req
const messageSize = 16; // struct unix_diag_msg

const show = uapi.UDIAG_SHOW_NAME | uapi.UDIAG_SHOW_VFS | uapi.UDIAG_SHOW_PEER | uapi.UDIAG_SHOW_RQLEN;

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

/** Every socket that is listening. */
export function listeningSockets(): DiagSocket[] {
  return ask(request(uapi.NLM_F_DUMP, 1 << uapi.TCP_LISTEN, 0));
}

/**
 * Every socket that does not listen: datagram receivers are among them. They
 * count as connected from the moment that anybody connects to them. af_unix.c, unix_dgram_connect()
 */
export function notListeningSockets(): DiagSocket[] {
  return ask(request(uapi.NLM_F_DUMP, (1 << uapi.TCP_CLOSE) | (1 << uapi.TCP_ESTABLISHED), 0));
}

/** The one socket of an inode number; undefined when our network namespace has none. */
export function socketOfInode(inode: number): DiagSocket | undefined {
  try {
    return ask(request(0, 0xffffffff, inode))[0];
  } catch (error) {
    if (error instanceof SyscallError && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * @throws SyscallError ENOENT for a socket that is not there; EPROTONOSUPPORT
 * or ENOENT when the kernel has no unix_diag; EACCES, EPERM in sandboxes
 */
function ask(message: Buffer): DiagSocket[] {
  using netlink = new Fd(
    check(
      libc.socket(uapi.AF_NETLINK, uapi.SOCK_RAW | uapi.SOCK_CLOEXEC, uapi.NETLINK_SOCK_DIAG),
      'socket',
      'NETLINK_SOCK_DIAG',
    ),
  );
  check(
    untilAnswered(() => libc.send(netlink.number, message, message.length, 0)),
    'send',
    'NETLINK_SOCK_DIAG',
  );
  const isDump = (message.readUInt16LE(6) & uapi.NLM_F_DUMP) !== 0;
  const sockets: DiagSocket[] = [];
  const buffer = Buffer.allocUnsafeSlow(64 * 1024);
  for (;;) {
    const length = check(
      untilAnswered(() => libc.recv(netlink.number, buffer, buffer.length, 0)),
      'recv',
      'NETLINK_SOCK_DIAG',
    );
    for (let at = 0; at + nlmsghdrSize <= length;) {
      const size = buffer.readUInt32LE(at);
      const type = buffer.readUInt16LE(at + 4);
      const payload = buffer.subarray(at + nlmsghdrSize, at + size);
      if (type === uapi.NLMSG_DONE) {
        // A dump that failed on the way says so at its end: a negated errno. netlink(7)
        if (payload.length >= 4) check(payload.readInt32LE(0), 'sock_diag');
        return sockets;
      }
      if (type === uapi.NLMSG_ERROR) throw new SyscallError('sock_diag', -payload.readInt32LE(0));
      const socket = decodeSocket(payload);
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

function decodeSocket(payload: Buffer): DiagSocket | undefined {
  const type = typeOfNumber(payload.readUInt8(1));
  if (type === undefined) return undefined;
  const state = payload.readUInt8(2);
  const attributes = decodeAttributes(payload.subarray(messageSize));
  const vfs = attributes.get(uapi.UNIX_DIAG_VFS);
  const queue = attributes.get(uapi.UNIX_DIAG_RQLEN);
  const peer = attributes.get(uapi.UNIX_DIAG_PEER)?.readUInt32LE(0);
  const listening = state === uapi.TCP_LISTEN;
  return {
    inode: payload.readUInt32LE(4),
    type,
    state: listening ? 'listening' : state === uapi.TCP_ESTABLISHED ? 'connected' : 'unconnected',
    address: decodeName(attributes.get(uapi.UNIX_DIAG_NAME) ?? Buffer.alloc(0)),
    file: vfs === undefined ? undefined : { inode: BigInt(vfs.readUInt32LE(0)), device: vfs.readUInt32LE(4) },
    peerInode: peer === undefined || peer === 0 ? undefined : peer,
    backlog:
      listening && queue !== undefined ? { waiting: queue.readUInt32LE(0), most: queue.readUInt32LE(4) } : undefined,
  };
}

function decodeAttributes(bytes: Buffer): Map<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = bytes.readUInt16LE(at);
    if (length < 4) break;
    attributes.set(bytes.readUInt16LE(at + 2), bytes.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return attributes;
}
