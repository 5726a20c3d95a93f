/** The socket options that tell a peer, one function each. unix(7), socket(7). */
import { Fd } from './fd.js';
import { getsockopt } from './libc.js';
import { check, Refused, SyscallError } from './syscall-error.js';
import { uapi } from './uapi.js';

/**
 * What SO_PEERCRED says: the process that called connect(2), listen(2) or
 * socketpair(2), with the *effective* ids that it had at that moment. It is
 * not refreshed: whoever has the pid now need not be that process.
 */
export interface Credential {
  /** In our PID namespace; 0 when the process has no number there. */
  readonly pid: number;
  /** In our user namespace; the overflow id (65534) when not mapped there. */
  readonly uid: number;
  readonly gid: number;
}

/** What the kernel says of a uid or gid that it does not have: (uid_t) -1. */
const noId = 0xffffffff;

// One question at a time: the buffers are reused, so that a server's loop allocates nothing for them.
const value = Buffer.alloc(64);
const length = Buffer.alloc(4);

function ask(socket: Fd, option: number, name: string, into: Buffer): number {
  length.writeUInt32LE(into.length);
  check(getsockopt(socket.number, uapi.SOL_SOCKET, option, into, length), `getsockopt(${name})`);
  return length.readUInt32LE();
}

/**
 * getsockopt(fd, SOL_SOCKET, SO_PEERCRED).
 *
 * @returns undefined where the kernel has no credential (not connected, or a
 * datagram socket), for which it answers pid 0 and ids -1
 * @throws SyscallError EPERM when a BPF program on the cgroup refuses
 */
export function peerCredential(socket: Fd): Credential | undefined {
  ask(socket, uapi.SO_PEERCRED, 'SO_PEERCRED', value);
  const credential = { pid: value.readInt32LE(0), uid: value.readUInt32LE(4), gid: value.readUInt32LE(8) };
  return credential.pid === 0 && credential.uid === noId && credential.gid === noId ? undefined : credential;
}

/**
 * getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD): a pidfd of the process that
 * SO_PEERCRED names, given by the kernel without a look-up of the number.
 *
 * @throws SyscallError ENOPROTOOPT before Linux 6.5; ENODATA without a
 * credential; EINVAL from 6.5 to 6.15 for a peer that is reaped already.
 * net/core/sock.c, sk_getsockopt()
 */
export function peerPidfd(socket: Fd): Fd {
  ask(socket, uapi.SO_PEERPIDFD, 'SO_PEERPIDFD', value.subarray(0, 4));
  return new Fd(value.readInt32LE(0));
}

let answer = Buffer.alloc(256);

/**
 * Asks a descriptor, by its number, for an answer of any length: the kernel says ERANGE with the length that it needs.
 *
 * @returns bytes that are the caller's until the next call only; a positive errno where the kernel refused
 */
export function bytesOf(socket: number, option: number): Buffer | number {
  for (;;) {
    length.writeUInt32LE(answer.length);
    const result = getsockopt(socket, uapi.SOL_SOCKET, option, answer, length);
    const needed = length.readUInt32LE();
    if (result >= 0) return answer.subarray(0, needed);
    if (needed <= answer.length) return -result;
    answer = Buffer.alloc(needed);
  }
}

/**
 * getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS): the peer's supplementary groups
 * as of its credential. Without its egid.
 *
 * @throws SyscallError ENODATA without a credential; ENOPROTOOPT before Linux 4.13
 */
export function peerGroups(socket: Fd): number[] {
  const answer = bytesOf(socket.number, uapi.SO_PEERGROUPS);
  if (typeof answer === 'number') throw new SyscallError('getsockopt(SO_PEERGROUPS)', answer);
  return groupsIn(answer);
}

/** The groups in an answer to SO_PEERGROUPS. */
export function groupsIn(answer: Buffer): number[] {
  if (answer.length <= 64) return Array.from({ length: answer.length >>> 2 }, (_, at) => answer.readUInt32LE(4 * at));
  // A copy, since the answer need not lie at a multiple of four bytes: of 65,536 groups it takes a tenth of the time
  return Array.from(new Uint32Array(new Uint8Array(answer).buffer, 0, answer.length >>> 2));
}

/**
 * getsockopt(fd, SOL_SOCKET, SO_PEERSEC): the peer's label of the Linux security module.
 *
 * @returns or the refusal: ENOPROTOOPT when no module gives one
 */
export function peerSecurityLabel(socket: Fd): Buffer | Refused {
  const answer = bytesOf(socket.number, uapi.SO_PEERSEC);
  return typeof answer === 'number' ? new Refused('getsockopt(SO_PEERSEC)', answer) : labelIn(answer);
}

/** The label in an answer to SO_PEERSEC. */
export function labelIn(answer: Buffer): Buffer {
  const end = answer.indexOf(0);
  // AppArmor's length counts the NUL, SELinux's need not
  return Buffer.from(end < 0 ? answer : answer.subarray(0, end));
}
