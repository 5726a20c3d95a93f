/** Process file descriptors: pidfd_open(2), pidfd_getfd(2) and <linux/pidfd.h>. */
import { readlinkSync } from 'node:fs';
import { constants } from 'node:os';

import { Fd, fileSystemOf, inodeOf } from './fd.js';
import { ioctl, poll, syscall } from './libc.js';
import { type NamespaceKind, namespaceKinds, type Namespaces } from './namespaces.js';
import { goesOn } from './going-on.js';
import { asSyscall, check, failedWith, Refused } from './syscall-error.js';
import { uapi } from './uapi.js';

/**
 * pidfd_open(2): a pidfd of whatever process has the number now.
 *
 * @throws SyscallError ESRCH when no process has it; EINVAL or ENOENT when it
 * is the number of a thread that does not lead its process; ENOSYS, EPERM in sandboxes
 */
export function openPidfd(pid: number): Fd {
  return new Fd(check(syscall(uapi.NR_pidfd_open, pid, 0, 0), 'pidfd_open', `${pid}`));
}

/** As {@link openPidfd}, but for a number that nobody may have any more. @returns or the refusal */
export function openPidfdIfThere(pid: number): Fd | Refused {
  const opened = syscall(uapi.NR_pidfd_open, pid, 0, 0);
  return opened < 0 ? new Refused('pidfd_open', -opened, `${pid}`) : new Fd(opened);
}

/**
 * pidfd_open(2) with PIDFD_THREAD: a pidfd of the one thread, leader or not. Linux 6.9.
 *
 * @throws SyscallError ESRCH, EINVAL
 */
export function openThreadPidfd(tid: number): Fd {
  return new Fd(check(syscall(uapi.NR_pidfd_open, tid, uapi.PIDFD_THREAD, 0), 'pidfd_open(PIDFD_THREAD)', `${tid}`));
}

/**
 * pidfd_getfd(2): a duplicate of a descriptor of another process. It keeps the
 * file open, so that the other side sees no end of file before it is closed.
 *
 * @throws SyscallError EBADF when the process has no such descriptor, EPERM
 * without PTRACE_MODE_ATTACH_REALCREDS (ptrace(2)), ESRCH when it has ended
 */
export function duplicateFrom(pidfd: Fd, number: number): Fd {
  goesOn();
  return new Fd(check(syscall(uapi.NR_pidfd_getfd, pidfd.number, number, 0), 'pidfd_getfd', `${number}`));
}

let pidfdsHaveIds: boolean | undefined;

/**
 * The pidfd id: the inode number of the pidfd, unique since boot. Undefined
 * before Linux 6.9, when all pidfds had one inode. fs/pidfs.c
 */
export function pidfdId(pidfd: Fd): bigint | undefined {
  pidfdsHaveIds ??= isPidfs(pidfd);
  return pidfdsHaveIds ? inodeOf(pidfd) : undefined;
}

/** A sandbox that does not let us ask leaves us without ids, as an older kernel does. */
function isPidfs(pidfd: Fd): boolean {
  try {
    return fileSystemOf(pidfd) === uapi.PID_FS_MAGIC;
  } catch (error) {
    if (failedWith(error, 'ENOSYS', 'EPERM', 'EACCES')) return false;
    throw error;
  }
}

/** Whether a descriptor that somebody else gave us is a pidfd at all. @throws SyscallError where /proc is not there */
export function isPidfd({ number }: Fd): boolean {
  const link = `/proc/self/fd/${number}`;
  // A path begins with a slash, so none looks like this
  return asSyscall(link, () => readlinkSync(link)) === 'anon_inode:[pidfd]';
}

const pollEntry = Buffer.alloc(8);

/**
 * Whether the process has ended: poll(2) on a pidfd. That it is reaped too is
 * told from Linux 6.9 on; before, `ended` may mean either. A leader thread
 * that ended while others run has not ended. fs/pidfs.c, pidfd_poll()
 */
export function endOf(pidfd: Fd): 'running' | 'ended' | 'reaped' {
  pollEntry.writeInt32LE(pidfd.number, 0);
  pollEntry.writeInt16LE(uapi.POLLIN, 4);
  pollEntry.writeInt16LE(0, 6);
  let ready: number;
  // It does not wait, and yet a signal that comes just then makes it answer EINTR. fs/select.c, do_poll()
  do ready = poll(pollEntry, 1, 0);
  while (ready === -constants.errno.EINTR);
  if (check(ready, 'poll') === 0) return 'running';
  return (pollEntry.readInt16LE(6) & uapi.POLLHUP) === 0 ? 'ended' : 'reaped';
}

/** Real, effective, saved and file system id of a process. credentials(7). */
export interface Ids {
  readonly real: number;
  readonly effective: number;
  readonly saved: number;
  readonly fs: number;
}

/** What PIDFD_GET_INFO tells; a field that the kernel did not give is undefined. */
export interface PidfdInfo {
  /** In our PID namespace; of a thread's pidfd the thread's. */
  readonly pid: number | undefined;
  readonly parent: number | undefined;
  readonly uids: Ids | undefined;
  readonly gids: Ids | undefined;
  /** The inode number of the process's cgroup v2 directory; known of an ended process too. */
  readonly cgroupId: bigint | undefined;
  /** A wait(2) status, once the process is reaped. Linux 6.15. */
  readonly waitStatus: number | undefined;
}

const infoBuffer = Buffer.alloc(64);

/**
 * ioctl(PIDFD_GET_INFO). Linux 6.13.
 *
 * @throws SyscallError EINVAL or ENOTTY before 6.13; ESRCH when it is reaped
 * and the kernel keeps no exit status; EREMOTE (before 6.19 often ESRCH) when
 * it has no number in our PID namespace
 */
export function pidfdInfo(pidfd: Fd): PidfdInfo {
  let given = askInfo(pidfd, uapi.PIDFD_INFO_PID | uapi.PIDFD_INFO_CREDS | uapi.PIDFD_INFO_CGROUPID);
  // A reaped process has no pid to give, and asking for one is refused with ESRCH
  if (given === -constants.errno.ESRCH) given = askInfo(pidfd, uapi.PIDFD_INFO_EXIT | uapi.PIDFD_INFO_CGROUPID);
  check(given, 'ioctl(PIDFD_GET_INFO)');
  const has = (bit: number): boolean => (given & bit) !== 0;
  const ids = (real: number, effective: number, saved: number, fs: number): Ids => ({
    real: infoBuffer.readUInt32LE(real),
    effective: infoBuffer.readUInt32LE(effective),
    saved: infoBuffer.readUInt32LE(saved),
    fs: infoBuffer.readUInt32LE(fs),
  });
  return {
    // The thread's own number: the process's (tgid) is behind it
    pid: has(uapi.PIDFD_INFO_PID) ? infoBuffer.readUInt32LE(16) : undefined,
    parent: has(uapi.PIDFD_INFO_PID) ? infoBuffer.readUInt32LE(24) : undefined,
    uids: has(uapi.PIDFD_INFO_CREDS) ? ids(28, 36, 44, 52) : undefined,
    gids: has(uapi.PIDFD_INFO_CREDS) ? ids(32, 40, 48, 56) : undefined,
    cgroupId: has(uapi.PIDFD_INFO_CGROUPID) ? infoBuffer.readBigUInt64LE(8) : undefined,
    waitStatus: has(uapi.PIDFD_INFO_EXIT) ? infoBuffer.readInt32LE(60) : undefined,
  };
}

/** The mask of what the kernel gave, or a negated errno. */
function askInfo(pidfd: Fd, mask: number): number {
  infoBuffer.writeUInt32LE(mask, 0);
  infoBuffer.writeUInt32LE(0, 4);
  const result = ioctl(pidfd.number, uapi.PIDFD_GET_INFO, infoBuffer);
  return result < 0 ? result : infoBuffer.readUInt32LE(0);
}

const namespaceRequests = {
  cgroup: uapi.PIDFD_GET_CGROUP_NAMESPACE,
  ipc: uapi.PIDFD_GET_IPC_NAMESPACE,
  mnt: uapi.PIDFD_GET_MNT_NAMESPACE,
  net: uapi.PIDFD_GET_NET_NAMESPACE,
  pid: uapi.PIDFD_GET_PID_NAMESPACE,
  time: uapi.PIDFD_GET_TIME_NAMESPACE,
  user: uapi.PIDFD_GET_USER_NAMESPACE,
  uts: uapi.PIDFD_GET_UTS_NAMESPACE,
} as const satisfies Record<NamespaceKind, number>;

/**
 * The inode number of each namespace of the process, also of one that has no
 * number here: ioctl(PIDFD_GET_*_NAMESPACE). Linux 6.11.
 *
 * @throws SyscallError EPERM without PTRACE_MODE_READ_FSCREDS, ESRCH when it has ended, EINVAL or ENOTTY before 6.11
 */
export function pidfdNamespaces(pidfd: Fd): Namespaces {
  const namespaces: Namespaces = {};
  for (const kind of namespaceKinds) {
    const result = ioctl(pidfd.number, namespaceRequests[kind], null);
    // The kernel was built without this kind
    if (result === -constants.errno.EOPNOTSUPP) continue;
    using namespace = new Fd(check(result, 'ioctl(PIDFD_GET_NAMESPACE)', kind));
    namespaces[kind] = Number(inodeOf(namespace));
  }
  return namespaces;
}
