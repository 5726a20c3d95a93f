/** Ancillary data of AF_UNIX messages: cmsg(3), unix(7). */
import { Fd } from './fd.js';
import type { Credential } from './peer-credential.js';
import { uapi } from './uapi.js';

/** The ancillary data of a message. Its descriptors are the receiver's: disposing of it closes them. */
export interface Ancillary extends Disposable {
  /** SCM_CREDENTIALS: *real* ids at the moment of sending, or what a privileged sender stated. */
  readonly credential: Credential | undefined;
  /**
   * SCM_PIDFD: a pidfd of the process that the credential names; or, from a
   * sender that was reaped already (Linux 6.5 to 6.16), the errno, positive,
   * that the kernel put in its place; undefined when there is none.
   */
  readonly pidfd: Fd | number | undefined;
  /** SCM_SECURITY: the sender's label. */
  readonly securityLabel: Buffer | undefined;
  /** SCM_RIGHTS: descriptors that the sender passed. */
  readonly passed: readonly Fd[];
}

/** struct cmsghdr: its length (size_t), level and type. */
const headerSize = 16;

/** struct ucred: pid, uid, gid. */
const ucredSize = 12;

function align(length: number): number {
  return (length + 7) & ~7;
}

/** Room for one of each that can come: credentials, a pidfd, a label, and SCM_MAX_FD descriptors. net/core/scm.c */
export const controlSize =
  headerSize + align(ucredSize) + headerSize + align(4) + headerSize + 256 + headerSize + align(4 * 253);

/** Room for the credentials alone: where descriptors are to be left out a pidfd has no room either, as it comes after them. */
export const credentialRoom = headerSize + align(ucredSize);

class Received implements Ancillary {
  credential: Credential | undefined;
  pidfd: Fd | number | undefined;
  securityLabel: Buffer | undefined;
  passed: Fd[] = none;

  [Symbol.dispose](): void {
    if (this.pidfd instanceof Fd) this.pidfd[Symbol.dispose]();
    for (const fd of this.passed) fd[Symbol.dispose]();
  }
}

/** Most messages bring no descriptors. */
const none: Fd[] = [];

/**
 * The control messages in a buffer that recvmsg(2) filled, between two offsets.
 * Every descriptor among them is owned by what is returned.
 */
export function decodeAncillary(control: Buffer, start = 0, end = control.length): Ancillary {
  const received = new Received();
  for (let at = start; at + headerSize <= end;) {
    // The upper half of the size_t is 0: no control message is that long
    const length = control.readUInt32LE(at);
    if (length < headerSize || at + length > end) break;
    if (control.readInt32LE(at + 8) === uapi.SOL_SOCKET) {
      decodeOne(received, control.readInt32LE(at + 12), control, at + headerSize, at + length);
    }
    at += align(length);
  }
  return received;
}

/** One control message of SOL_SOCKET, whose data is between two offsets of the buffer. */
function decodeOne(received: Received, type: number, control: Buffer, at: number, end: number): void {
  switch (type) {
    case uapi.SCM_RIGHTS:
      if (received.passed === none) received.passed = [];
      for (let fd = at; fd + 4 <= end; fd += 4) received.passed.push(new Fd(control.readInt32LE(fd)));
      break;
    case uapi.SCM_CREDENTIALS:
      // A credential that the room cut in the middle is left out, and MSG_CTRUNC is set
      if (end - at < ucredSize) break;
      received.credential = {
        pid: control.readInt32LE(at),
        uid: control.readUInt32LE(at + 4),
        gid: control.readUInt32LE(at + 8),
      };
      break;
    case uapi.SCM_PIDFD: {
      if (end - at < 4) break;
      // Before 6.17 the kernel may put a negated errno where the descriptor should be
      const value = control.readInt32LE(at);
      received.pidfd = value < 0 ? -value : new Fd(value);
      break;
    }
    case uapi.SCM_SECURITY: {
      const label = control.subarray(at, end);
      const nul = label.indexOf(0);
      received.securityLabel = Buffer.from(nul < 0 ? label : label.subarray(0, nul));
      break;
    }
  }
}

/** SCM_CREDENTIALS as a sender states them. @returns a control buffer for sendmsg(2) */
export function encodeCredential({ pid, uid, gid }: Credential): Buffer {
  const control = Buffer.alloc(headerSize + align(ucredSize));
  control.writeBigUInt64LE(BigInt(headerSize + ucredSize), 0);
  control.writeInt32LE(uapi.SOL_SOCKET, 8);
  control.writeInt32LE(uapi.SCM_CREDENTIALS, 12);
  control.writeInt32LE(pid, headerSize);
  control.writeUInt32LE(uid, headerSize + 4);
  control.writeUInt32LE(gid, headerSize + 8);
  return control;
}

/** SCM_RIGHTS: descriptors of ours to be passed. @returns a control buffer for sendmsg(2) */
export function encodeDescriptors(numbers: readonly number[]): Buffer {
  const control = Buffer.alloc(headerSize + align(4 * numbers.length));
  control.writeBigUInt64LE(BigInt(headerSize + 4 * numbers.length), 0);
  control.writeInt32LE(uapi.SOL_SOCKET, 8);
  control.writeInt32LE(uapi.SCM_RIGHTS, 12);
  numbers.forEach((number, index) => control.writeInt32LE(number, headerSize + 4 * index));
  return control;
}
