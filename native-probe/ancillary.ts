/** Ancillary data of AF_UNIX messages: cmsg(3), unix(7). */
import { Fd } from './fd.js';
import type { Credential } from './peer-credential.js';
import { uapi } from './uapi.js';

/** What came along with a message. Its descriptors are the receiver's to close: dispose of it. */
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

function align(length: number): number {
  return (length + 7) & ~7;
}

/** Room for one of each that can come: credentials, a pidfd, a label, and SCM_MAX_FD descriptors. net/core/scm.c */
export const controlSize =
  headerSize + align(12) + headerSize + align(4) + headerSize + 256 + headerSize + align(4 * 253);

/**
 * The control messages in a buffer that recvmsg(2) filled. Every descriptor in
 * it is owned by what is returned, whatever else is found there.
 */
export function decodeAncillary(control: Buffer): Ancillary {
  let credential: Credential | undefined;
  let pidfd: Fd | number | undefined;
  let securityLabel: Buffer | undefined;
  const passed: Fd[] = [];
  for (let at = 0; at + headerSize <= control.length;) {
    const length = Number(control.readBigUInt64LE(at));
    if (length < headerSize || at + length > control.length) break;
    const data = control.subarray(at + headerSize, at + length);
    if (control.readInt32LE(at + 8) === uapi.SOL_SOCKET) {
      switch (control.readInt32LE(at + 12)) {
        case uapi.SCM_RIGHTS:
          for (let fd = 0; fd + 4 <= data.length; fd += 4) passed.push(new Fd(data.readInt32LE(fd)));
          break;
        case uapi.SCM_CREDENTIALS:
          credential = { pid: data.readInt32LE(0), uid: data.readUInt32LE(4), gid: data.readUInt32LE(8) };
          break;
        case uapi.SCM_PIDFD: {
          // Before 6.17 the kernel may put a negated errno where the descriptor should be
          const value = data.readInt32LE(0);
          pidfd = value < 0 ? -value : new Fd(value);
          break;
        }
        case uapi.SCM_SECURITY: {
          const end = data.indexOf(0);
          securityLabel = Buffer.from(end < 0 ? data : data.subarray(0, end));
          break;
        }
      }
    }
    at += align(length);
  }
  return {
    credential,
    pidfd,
    securityLabel,
    passed,
    [Symbol.dispose]: () => {
      if (pidfd instanceof Fd) pidfd[Symbol.dispose]();
      for (const fd of passed) fd[Symbol.dispose]();
    },
  };
}

/** SCM_CREDENTIALS as a sender states them. @returns a control buffer for sendmsg(2) */
export function encodeCredential({ pid, uid, gid }: Credential): Buffer {
  const control = Buffer.alloc(headerSize + align(12));
  control.writeBigUInt64LE(BigInt(headerSize + 12), 0);
  control.writeInt32LE(uapi.SOL_SOCKET, 8);
  control.writeInt32LE(uapi.SCM_CREDENTIALS, 12);
  control.writeInt32LE(pid, headerSize);
  control.writeUInt32LE(uid, headerSize + 4);
  control.writeUInt32LE(gid, headerSize + 8);
  return control;
}
