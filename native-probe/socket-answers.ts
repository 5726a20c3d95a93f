/**
 * Asking tens of thousands of sockets from outside: a duplicate is taken from a holder, asked, and closed at once,
 * since the other end sees no end of file while we hold one. The answers go into one array of numbers, which threads
 * can hand over.
 */
import { constants } from 'node:os';

import { close, fcntl, fstat, getsockopt, syscall } from './libc.js';
import { bytesOf } from './peer-credential.js';
import { passOptionNames, passOptions } from './socket-kinds.js';
import { uapi } from './uapi.js';

/** Where each number of a row stands. Errnos are positive, and 0 where the kernel answered. */
export const column = {
  /** The index of the holder among the survey's processes. */
  process: 0,
  fd: 1,
  inode: 2,
  /**
   * 1 when the socket was asked, 0 when not; a negated errno when pidfd_open(2) or pidfd_getfd(2) was refused, ESTALE where it
   * has the inode number and another cookie.
   */
  asked: 3,
  credentialErrno: 4,
  pid: 5,
  uid: 6,
  gid: 7,
  pidfdErrno: 8,
  /** The pidfd id; 0 before Linux 6.9. */
  idLow: 9,
  idHigh: 10,
  /** The bits of {@link asksBit}. */
  asks: 11,
  /** Of SO_PEERGROUPS and SO_PEERSEC: 0 when not asked, a negated errno, or the number in {@link LongAnswers}. */
  groups: 12,
  label: 13,
} as const;

export const rowSize = 14;

/** Answers of any length, each kept once: tens of thousands of sockets have the same few. */
export class LongAnswers {
  readonly #numbers = new Map<string, number>();
  readonly all: Uint8Array[] = [];

  /** The number of these bytes, from 1. */
  numberOf(bytes: Buffer): number {
    const key = bytes.toString('latin1');
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.all.push(Uint8Array.from(bytes));
      this.#numbers.set(key, number);
    }
    return number;
  }
}

/** What a socket asks the kernel to tell of its messages' senders. `unknown`: a BPF program refused to say. */
export const asksBit = { cred: 1, pidfd: 2, sec: 4, rights: 8, unknown: 16 } as const;

const options = passOptions.map((option) => [uapi[passOptionNames[option]], asksBit[option]] as const);

const value = Buffer.alloc(12);
const length = Buffer.alloc(4);
const stat = Buffer.alloc(256);
const inodeOffset = 8; // st_ino in struct stat, on x86_64 and arm64
const { EBADF, EMFILE, ESRCH, ENOPROTOOPT, ENOTSOCK, ESTALE } = constants.errno;

/**
 * Asks one socket: SO_PEERCRED, SO_PEERPIDFD (of which only the pidfd id is kept) and the SO_PASS* options; with
 * details SO_PEERGROUPS and SO_PEERSEC too.
 *
 * @param pidfd - of the holder, or of its thread that has the descriptors
 * @param wanted - the socket that it must be
 * @param hasIds - whether pidfds have ids here, and so cookies are unique among network namespaces
 * @param row - written from `at` on
 * @param details - where the long answers go; undefined to ask for none
 * @returns false when the holder does not have the socket at that descriptor any more
 */
export function askSocket(
  pidfd: number,
  fd: number,
  wanted: { readonly inode: number; readonly cookie: number | undefined },
  hasIds: boolean,
  row: Int32Array,
  at: number,
  details: LongAnswers | undefined,
): boolean {
  if (strangers.length >= mostStrangers) {
    row[at + column.asked] = -EMFILE;
    return true;
  }
  const socket = syscall(uapi.NR_pidfd_getfd, pidfd, fd, 0);
  if (socket < 0) {
    row[at + column.asked] = socket;
    return socket !== -EBADF && socket !== -ESRCH;
  }
  let isStranger = true;
  try {
    // The descriptor may be another file's by now. A socket answers fstat(2) at once; what else a hostile holder put
    // there, such as a file of a FUSE that never does, is not asked.
    if (!askCredential(socket, row, at)) return false;
    const cookie = wanted.cookie === undefined || !hasIds ? undefined : cookieOf(socket);
    // Where none is told, as with a BPF program that refuses it, the number alone has to do
    if (cookie === undefined || cookie !== wanted.cookie) {
      if (inodeAt(socket) !== wanted.inode) return false;
      if (cookie !== undefined) {
        row[at + column.asked] = -ESTALE;
        return true;
      }
    }
    isStranger = false;
    row[at + column.asked] = 1;
    askPidfd(socket, hasIds, row, at);
    row[at + column.asks] = askOptions(socket);
    if (details !== undefined && hasCredential(row, at)) askDetails(socket, row, at, details);
    return true;
  } finally {
    if (isStranger) keepStranger(socket);
    else close(socket);
  }
}

/** Duplicates that turned out to be of other files. */
let strangers: number[] = [];

/** Duplicates of other files at most, before nothing is asked any more: each takes a descriptor of ours. */
const mostStrangers = 256;

function keepStranger(socket: number): void {
  // Where the program starts over meanwhile, execve(2) is not to close it: calls/starting-over.ts
  fcntl(socket, uapi.F_SETFD, 0);
  strangers.push(socket);
}

/**
 * Gives away the duplicates that this thread took and that were of other files: their close(2) may never end, so that it
 * is to be made elsewhere.
 *
 * @returns numbers of descriptors
 */
export function takeStrangers(): readonly number[] {
  const taken = strangers;
  strangers = [];
  return taken;
}

function ask(socket: number, option: number, size: number): number {
  length[0] = size;
  return getsockopt(socket, uapi.SOL_SOCKET, option, value, length);
}

/** @returns false for a file that is no socket */
function askCredential(socket: number, row: Int32Array, at: number): boolean {
  const result = ask(socket, uapi.SO_PEERCRED, 12);
  row[at + column.credentialErrno] = -result;
  row[at + column.pid] = value.readInt32LE(0);
  row[at + column.uid] = value.readInt32LE(4);
  row[at + column.gid] = value.readInt32LE(8);
  return result !== -ENOTSOCK;
}

/** Whether the kernel has a credential for the row's socket, and told it. net/core/sock.c, sk_getsockopt() */
export function hasCredential(row: Int32Array, at: number): boolean {
  const isNone = row[at + column.pid] === 0 && row[at + column.uid] === -1 && row[at + column.gid] === -1;
  return row[at + column.credentialErrno] === 0 && !isNone;
}

function askDetails(socket: number, row: Int32Array, at: number, details: LongAnswers): void {
  const groups = bytesOf(socket, uapi.SO_PEERGROUPS);
  row[at + column.groups] = typeof groups === 'number' ? -groups : details.numberOf(groups);
  const label = bytesOf(socket, uapi.SO_PEERSEC);
  row[at + column.label] = typeof label === 'number' ? -label : details.numberOf(label);
}

function askPidfd(socket: number, hasIds: boolean, row: Int32Array, at: number): void {
  const result = ask(socket, uapi.SO_PEERPIDFD, 4);
  row[at + column.pidfdErrno] = -result;
  if (result < 0) return;
  const pidfd = value.readInt32LE(0);
  if (hasIds && fstat(uapi.NR_fstat, pidfd, stat) >= 0) {
    row[at + column.idLow] = stat.readInt32LE(inodeOffset);
    row[at + column.idHigh] = stat.readInt32LE(inodeOffset + 4);
  }
  close(pidfd);
}

function askOptions(socket: number): number {
  let bits = 0;
  for (const [option, bit] of options) {
    const result = ask(socket, option, 4);
    if (result >= 0) {
      if (value[0] !== 0) bits |= bit;
    } else if (result !== -ENOPROTOOPT) {
      bits |= asksBit.unknown;
    } else if (bit === asksBit.rights) {
      // Before Linux 6.16 every socket takes descriptors
      bits |= bit;
    }
  }
  return bits;
}

/** Before Linux 5.10 each network namespace counts for itself. net/core/sock_diag.c, __sock_gen_cookie() */
function cookieOf(socket: number): number | undefined {
  return ask(socket, uapi.SO_COOKIE, 8) < 0 ? undefined : value.readUInt32LE(0) + value.readUInt32LE(4) * 2 ** 32;
}

function inodeAt(fd: number): number | undefined {
  return fstat(uapi.NR_fstat, fd, stat) < 0 ? undefined : stat.readUInt32LE(inodeOffset);
}
