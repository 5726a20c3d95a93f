/**
 * The namespaces of whichever process has a number now.
 *
 * All throw SyscallError: EACCES without PTRACE_MODE_READ_FSCREDS (ptrace(2)),
 * which nobody has over a process whose user namespace is neither theirs nor
 * below it; ENOENT or ESRCH when it has ended, or as a zombie has left the namespace.
 */
import { constants } from 'node:fs';

import { Fd, inodeOf, openFile } from './fd.js';
import { ioctl } from './libc.js';
import type { NamespaceKind } from './namespaces.js';
import { readProcLink } from './proc/read.js';
import { check, failedWith } from './syscall-error.js';
import { uapi } from './uapi.js';

/** The inode number of one namespace, from /proc/PID/ns. namespaces(7) */
export function namespaceOfProcess(pid: number, kind: NamespaceKind): number {
  const link = readProcLink(`/proc/${pid}/ns/${kind}`).toString('latin1');
  return Number(link.slice(kind.length + 2, -1));
}

/**
 * The inode numbers of the PID namespace that a process is in, of that
 * namespace's parent, and so on upwards. The last is our own: the kernel tells
 * no further. ioctl_ns(2), NS_GET_PARENT; Linux 4.9
 */
export function pidNamespaceChain(pid: number): number[] {
  const link = `/proc/${pid}/ns/pid`;
  let namespace = openFile(link, constants.O_RDONLY);
  try {
    const chain = [Number(inodeOf(namespace))];
    for (let parent = parentOf(namespace); parent !== undefined; parent = parentOf(namespace)) {
      namespace[Symbol.dispose]();
      namespace = parent;
      chain.push(Number(inodeOf(namespace)));
    }
    return chain;
  } finally {
    namespace[Symbol.dispose]();
  }
}

/** Undefined for our own namespace, and for the initial one. kernel/pid_namespace.c, pidns_get_parent() */
function parentOf(namespace: Fd): Fd | undefined {
  try {
    return new Fd(check(ioctl(namespace.number, uapi.NS_GET_PARENT, null), 'ioctl(NS_GET_PARENT)'));
  } catch (error) {
    if (failedWith(error, 'EPERM')) return undefined;
    throw error;
  }
}
