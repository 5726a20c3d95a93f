/** Network namespaces: which there are, and asking a question inside one. network_namespaces(7) */
import { readdirSync } from 'node:fs';

import { Fd, fileSystemOf, inodeOf, openFile } from './fd.js';
import { ioctl, setns } from './libc.js';
import { openPidfd } from './pidfd.js';
import { namespaceOfProcess } from './process-namespace.js';
import { asSyscall, check, failedWith } from './syscall-error.js';
import { uapi } from './uapi.js';

const O_RDONLY = 0;

/** The calling thread's: /proc/self is the first thread's, and in a worker that is another. proc_thread-self(5) */
const ownLink = '/proc/thread-self/ns/net';

/**
 * Calls something inside another network namespace: setns(2) there, and back
 * again whatever came of it. A socket belongs for ever to the namespace that
 * it was made in, so one that is made in the call goes on asking in there:
 * `listSockets('all', () => inNetworkNamespace(namespace, openSockDiag))`.
 *
 * Only the calling thread changes its namespace, so nothing that Node does on others goes astray.
 *
 * @param namespace - a descriptor of a network namespace
 * @param call - synchronous: nothing else may run before it is over
 * @throws SyscallError EPERM without CAP_SYS_ADMIN here and over that namespace; EINVAL when it is none;
 * whatever the call throws; an Error that must end the program when there is no way back
 */
export function inNetworkNamespace<T>(namespace: Fd, call: () => T): T {
  using own = openOwnNetworkNamespace();
  check(setns(namespace.number, uapi.CLONE_NEWNET), 'setns', 'net');
  try {
    return call();
  } finally {
    goBack(own);
  }
}

/** Not a SyscallError, which is a refusal that one may live with. */
function goBack(own: Fd): void {
  try {
    check(setns(own.number, uapi.CLONE_NEWNET), 'setns', 'net');
  } catch (error) {
    throw new Error('cannot go back to our own network namespace, so nothing that follows can be trusted', {
      cause: error,
    });
  }
}

/** Opened by name, or where there is no /proc by our own pidfd (Linux 6.11). */
function openOwnNetworkNamespace(): Fd {
  try {
    return openNetworkNamespace(ownLink);
  } catch (error) {
    if (!failedWith(error, 'ENOENT', 'ENOTDIR')) throw error;
    using pidfd = openPidfd(process.pid);
    return new Fd(check(ioctl(pidfd.number, uapi.PIDFD_GET_NET_NAMESPACE, null), 'ioctl(PIDFD_GET_NET_NAMESPACE)'));
  }
}

/** The inode number of the network namespace that we are in. */
export function ownNetworkNamespace(): number {
  using own = openOwnNetworkNamespace();
  return Number(inodeOf(own));
}

/**
 * The inode number of the network namespace of whichever process has the number now.
 *
 * @throws SyscallError EACCES without PTRACE_MODE_READ_FSCREDS; ENOENT or ESRCH when it has ended, also as a zombie
 */
export function networkNamespaceOfProcess(pid: number): number {
  return namespaceOfProcess(pid, 'net');
}

/** Opens the network namespace of whoever has the number now; it stays while open. @throws as openNetworkNamespace() */
export function openNetworkNamespaceOfProcess(pid: number): Fd {
  return openNetworkNamespace(`/proc/${pid}/ns/net`);
}

/**
 * The network namespace that a socket lives in, which may have no process left: ioctl(SIOCGSKNS).
 *
 * @throws SyscallError EPERM without CAP_NET_ADMIN over that namespace; ENOTTY before Linux 4.10
 */
export function networkNamespaceOfSocket(socket: Fd): Fd {
  return new Fd(check(ioctl(socket.number, uapi.SIOCGSKNS, null), 'ioctl(SIOCGSKNS)', `${socket.number}`));
}

/**
 * Whether a namespace is a network namespace: ioctl(NS_GET_NSTYPE). Always true before Linux 4.11, where only setns(2)
 * tells.
 */
export function isNetworkNamespace(namespace: Fd): boolean {
  const type = ioctl(namespace.number, uapi.NS_GET_NSTYPE, null);
  return type < 0 || type === uapi.CLONE_NEWNET;
}

/** A namespace that is bound to a file, and so stays without a process. ip-netns(8) */
export interface BoundNamespace {
  /** As `ip netns` names it: any bytes but a slash. */
  readonly name: Buffer;
  readonly path: Buffer;
}

/**
 * The namespaces that `ip netns` and container engines keep in a directory, of any kind: {@link isNetworkNamespace}.
 *
 * @returns none where there is no such directory
 * @throws SyscallError EACCES
 */
export function boundNetworkNamespaces(directory = '/run/netns'): BoundNamespace[] {
  return namesIn(directory)
    .map((name) => ({ name, path: Buffer.concat([Buffer.from(`${directory}/`), name]) }))
    .filter(({ path }) => isNamespace(path));
}

function namesIn(directory: string): Buffer[] {
  try {
    return asSyscall(directory, () => readdirSync(directory, { encoding: 'buffer' }));
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Whether a namespace is bound to a file, which is empty before and after. O_PATH affects no kind of file. */
function isNamespace(path: Buffer): boolean {
  try {
    using file = openFile(path, uapi.O_PATH);
    return fileSystemOf(file) === uapi.NSFS_MAGIC;
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ELOOP', 'EACCES')) return false;
    throw error;
  }
}

/**
 * Opens a network namespace by the name of a file that it is bound to, or of /proc/PID/ns/net.
 *
 * @throws SyscallError ENOENT, EACCES, ESRCH
 */
export function openNetworkNamespace(path: string | Buffer): Fd {
  // A pipe that somebody put there is not waited for
  return openFile(path, O_RDONLY | uapi.SOCK_NONBLOCK);
}
