import { constants } from 'node:os';

import { Fd, inodeOf } from './fd.js';
import * as libc from './libc.js';
import { type PassOption, passOptionNames, passOptions, type SocketType } from './socket-kinds.js';
import { check, failedWith, SyscallError } from './syscall-error.js';
import { uapi } from './uapi.js';
import { decodeAddress, encodeAddress, sockaddrSize, type UnixAddress } from './unix-address.js';
import { milliseconds } from './monotonic-clock.js';

const numberOfType = {
  stream: uapi.SOCK_STREAM,
  seqpacket: uapi.SOCK_SEQPACKET,
  dgram: uapi.SOCK_DGRAM,
} as const satisfies Record<SocketType, number>;

/** The type that a kernel number means; undefined for one that AF_UNIX does not have. */
export function typeOfNumber(number: number): SocketType | undefined {
  if (number === uapi.SOCK_STREAM) return 'stream';
  if (number === uapi.SOCK_SEQPACKET) return 'seqpacket';
  // AF_UNIX takes SOCK_RAW for SOCK_DGRAM. net/unix/af_unix.c, unix_create()
  if (number === uapi.SOCK_DGRAM || number === uapi.SOCK_RAW) return 'dgram';
  return undefined;
}

/** socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0). */
export function openSocket(type: SocketType): Fd {
  const flags = uapi.SOCK_NONBLOCK | uapi.SOCK_CLOEXEC;
  return new Fd(check(libc.socket(uapi.AF_UNIX, numberOfType[type] | flags, 0), 'socket', type));
}

/** As {@link openSocket}, but blocking: for a connect(2) that waits on a thread of its own. */
export function openBlockingSocket(type: SocketType): Fd {
  return new Fd(check(libc.socket(uapi.AF_UNIX, numberOfType[type] | uapi.SOCK_CLOEXEC, 0), 'socket', type));
}

/** socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0): the peer of both ends is this process. */
export function openSocketPair(type: SocketType): [Fd, Fd] {
  const pair = Buffer.alloc(8);
  check(libc.socketpair(uapi.AF_UNIX, numberOfType[type] | uapi.SOCK_CLOEXEC, 0, pair), 'socketpair', type);
  return [new Fd(pair.readInt32LE(0)), new Fd(pair.readInt32LE(4))];
}

/** bind(2). For a path this makes the socket file, with a mode that follows umask(2). */
export function bind(socket: Fd, address: UnixAddress): void {
  const sockaddr = encodeAddress(address);
  check(libc.bindSocket(socket.number, sockaddr, sockaddr.length), 'bind');
}

/** listen(2). From here on clients are told this process's credential. */
export function listen(socket: Fd, backlog: number): void {
  check(libc.listen(socket.number, backlog), 'listen');
}

const notNow: ReadonlySet<number> = new Set([
  constants.errno.EAGAIN,
  constants.errno.ECONNABORTED,
  constants.errno.EINTR,
]);

/** accept4(2) of a non-blocking listener: undefined when no client waits, or the one that waited is gone. */
export function accept(listener: Fd): Fd | undefined {
  const result = libc.accept4(listener.number, null, null, uapi.SOCK_NONBLOCK | uapi.SOCK_CLOEXEC);
  if (result >= 0) return new Fd(result);
  // accept(2): a client that went away again is not our failure
  if (notNow.has(-result)) return undefined;
  throw new SyscallError('accept4', -result);
}

/**
 * connect(2), at once or not at all.
 *
 * @throws SyscallError EAGAIN when the listener's backlog is full, ECONNREFUSED
 * when nobody listens, EPROTOTYPE when the path's socket has another type
 */
export function connect(socket: Fd, address: UnixAddress): void {
  const sockaddr = encodeAddress(address);
  check(libc.connect(socket.number, sockaddr, sockaddr.length), 'connect');
}

/**
 * connect(2) of a blocking socket, waiting for a place in the backlog on a thread of its own.
 *
 * @param timeout - milliseconds
 * @throws SyscallError EAGAIN when there was no place within the timeout (SO_SNDTIMEO in socket(7))
 */
export async function connectWaiting(socket: Fd, address: UnixAddress, timeout: number): Promise<void> {
  const until = milliseconds() + timeout;
  const sockaddr = encodeAddress(address);
  let result: number;
  do {
    limitWaiting(socket, until - milliseconds());
    result = await libc.connectAsync(socket.number, sockaddr, sockaddr.length);
    // With a timeout it is not restarted after SIGCONT. signal(7)
  } while (result === -constants.errno.EINTR);
  // A reference to the buffer after the call, so that it is not garbage-collected before the thread has read it
  sockaddr.fill(0);
  check(result, 'connect');
}

/** setsockopt(SO_SNDTIMEO), in milliseconds. socket(7) */
function limitWaiting(socket: Fd, timeout: number): void {
  // 0 would mean no limit
  const microseconds = BigInt(Math.max(1, Math.floor(timeout * 1000)));
  const timeval = Buffer.alloc(16);
  timeval.writeBigInt64LE(microseconds / 1_000_000n, 0);
  timeval.writeBigInt64LE(microseconds % 1_000_000n, 8);
  check(
    libc.setsockopt(socket.number, uapi.SOL_SOCKET, uapi.SO_SNDTIMEO, timeval, timeval.length),
    'setsockopt(SO_SNDTIMEO)',
  );
}

/**
 * poll(2) for POLLOUT, on a thread of its own.
 *
 * @param timeout - milliseconds
 * @returns false when there was no room within the timeout
 */
export async function waitUntilWritable(socket: Fd, timeout: number): Promise<boolean> {
  const entry = Buffer.alloc(8);
  entry.writeInt32LE(socket.number, 0);
  entry.writeInt16LE(uapi.POLLOUT, 4);
  const until = milliseconds() + timeout;
  let ready: number;
  // A signal that Node has a handler for may come to that thread
  do ready = await libc.pollAsync(entry, 1, Math.max(0, Math.ceil(until - milliseconds())));
  while (ready === -constants.errno.EINTR);
  return check(ready, 'poll') > 0;
}

// One question at a time, as in peer-credential.ts
const sockaddr = Buffer.alloc(sockaddrSize);
const length = Buffer.alloc(4);
const integer = Buffer.alloc(4);

type NameCall = (fd: number, sockaddr: Buffer, length: Buffer) => number;

function askName(call: NameCall, name: string, socket: Fd): UnixAddress {
  length.writeUInt32LE(sockaddr.length);
  check(call(socket.number, sockaddr, length), name);
  return decodeAddress(sockaddr, length.readUInt32LE());
}

/** The inode number of the socket itself, not of its file: 32 bits. fs/inode.c, get_next_ino() */
export function socketInodeOf(socket: Fd): number {
  return Number(inodeOf(socket));
}

/** getsockname(2): the address that the socket is bound to. */
export function addressOf(socket: Fd): UnixAddress {
  return askName(libc.getsockname, 'getsockname', socket);
}

/**
 * getpeername(2): the address that the other end is bound to, which the peer chose.
 *
 * @throws SyscallError ENOTCONN
 */
export function peerAddressOf(socket: Fd): UnixAddress {
  return askName(libc.getpeername, 'getpeername', socket);
}

/** The value of a socket option of SOL_SOCKET that is an int. @throws SyscallError as getsockopt(2) */
export function integerOption(socket: Fd, option: number, name: string): number {
  length.writeUInt32LE(integer.length);
  check(libc.getsockopt(socket.number, uapi.SOL_SOCKET, option, integer, length), `getsockopt(${name})`);
  return integer.readInt32LE();
}

/**
 * Whether the family in what getsockname(2) answers is AF_UNIX. SO_DOMAIN says the same, but
 * getsockopt(2) can be refused or answered by a BPF program on a cgroup.
 *
 * @throws SyscallError ENOTSOCK when the descriptor is no socket
 */
export function isUnixSocket(socket: Fd): boolean {
  const family = Buffer.alloc(2);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(family.length);
  const result = libc.getsockname(socket.number, family, length);
  // Some families have no names at all
  if (result === -constants.errno.EOPNOTSUPP) return false;
  check(result, 'getsockname');
  return family.readUInt16LE(0) === uapi.AF_UNIX;
}

/**
 * getsockopt(SO_TYPE). socket(7).
 *
 * @throws SyscallError EPERM when a BPF program on the cgroup refuses
 */
export function typeOf(socket: Fd): SocketType {
  const number = integerOption(socket, uapi.SO_TYPE, 'SO_TYPE');
  const type = typeOfNumber(number);
  if (type === undefined) throw new Error(`AF_UNIX has no socket type ${number}`);
  return type;
}

/**
 * getsockopt(SO_ACCEPTCONN): whether listen(2) was called on it. socket(7).
 *
 * @throws SyscallError EPERM when a BPF program on the cgroup refuses
 */
export function isListening(socket: Fd): boolean {
  return integerOption(socket, uapi.SO_ACCEPTCONN, 'SO_ACCEPTCONN') !== 0;
}

/**
 * Which of SO_PASSCRED, SO_PASSPIDFD, SO_PASSSEC and SO_PASSRIGHTS are on.
 * Of an option that the kernel does not know, what holds without it: nothing
 * is told of a sender, and descriptors are taken.
 *
 * @throws SyscallError EPERM when a BPF program on the cgroup refuses
 */
export function passOptionsOf(socket: Fd): PassOption[] {
  return passOptions.filter((option) => isPassed(socket, option));
}

function isPassed(socket: Fd, option: PassOption): boolean {
  const name = passOptionNames[option];
  try {
    return integerOption(socket, uapi[name], name) !== 0;
  } catch (error) {
    if (failedWith(error, 'ENOPROTOOPT')) return option === 'rights';
    throw error;
  }
}

/**
 * setsockopt(SO_PASSRIGHTS) to off: nobody can send this socket descriptors then, which is EPERM for the sender.
 *
 * @throws SyscallError ENOPROTOOPT before Linux 6.16
 */
export function refuseDescriptors(socket: Fd): void {
  const off = Buffer.alloc(4);
  check(
    libc.setsockopt(socket.number, uapi.SOL_SOCKET, uapi.SO_PASSRIGHTS, off, off.length),
    'setsockopt(SO_PASSRIGHTS)',
  );
}

const on = Buffer.from(new Int32Array([1]).buffer);

/**
 * setsockopt(SO_OOBINLINE) of a stream: what was sent with MSG_OOB (Linux 5.15) is received with all else, rather than
 * put away with what came with it. net/unix/af_unix.c, manage_oob()
 *
 * @returns false when a BPF program on the cgroup refuses
 */
export function receiveOutOfBandInLine(socket: Fd): boolean {
  const result = libc.setsockopt(socket.number, uapi.SOL_SOCKET, uapi.SO_OOBINLINE, on, on.length);
  if (result === -constants.errno.EPERM) return false;
  check(result, 'setsockopt(SO_OOBINLINE)');
  return true;
}
