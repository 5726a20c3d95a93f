/** What /proc says of the system and of ourselves; what does not change is read once. */
import { existsSync, statSync } from 'node:fs';

import { asSyscall, failedWith } from '../syscall-error.js';
import { readProc, readProcNumbers } from './read.js';

function once<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => (known ??= { value: read() }).value;
}

function firstLine(path: string): string {
  return readProc(path).toString('latin1').trimEnd();
}

/** /proc/sys/kernel/random/boot_id without its dashes, as systemd writes it. */
export const bootId = once(() => firstLine('/proc/sys/kernel/random/boot_id').replaceAll('-', ''));

/** When the system started, in seconds since 1970: btime in /proc/stat. proc_stat(5) */
export const bootTime = once(() => Number(/^btime (\d+)$/m.exec(readProc('/proc/stat').toString('latin1'))?.[1]));

/** The id shown for one that is not mapped in our user namespace, usually 65534. user_namespaces(7) */
export const overflowUid = once(() => Number(firstLine('/proc/sys/kernel/overflowuid')));
export const overflowGid = once(() => Number(firstLine('/proc/sys/kernel/overflowgid')));

function isMapped(id: number, path: string): boolean {
  return firstLine(path)
    .split('\n')
    .some((line) => {
      const [inside = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
      return id >= inside && id < inside + count;
    });
}

/** Whether the overflow id is a user or group of its own here, rather than only the mark of an unmapped one. */
export const overflowUidIsMapped = once(() => isMapped(overflowUid(), '/proc/self/uid_map'));
export const overflowGidIsMapped = once(() => isMapped(overflowGid(), '/proc/self/gid_map'));

/**
 * Whether the numbers in /proc are those of our own PID namespace: a container
 * may have been given another one's /proc. Undefined when /proc does not show
 * us at all: it is not mounted, or of a namespace in which we have no number.
 */
export const procIsOurs = once((): boolean | undefined => {
  try {
    // One number for each PID namespace, from that of the mount inwards to our own
    const numbers = /^NSpid:\t(.*)$/m.exec(readProc('/proc/self/status').toString('latin1'))?.[1];
    return numbers?.trim().split(/\s+/).length === 1;
  } catch (error) {
    if (!failedWith(error, 'ENOENT', 'ENOTDIR', 'EACCES')) throw error;
    // In the /proc of a sibling's or a child's PID namespace we do not exist
    return existsSync('/proc/stat') ? false : undefined;
  }
});

/** Whether the mount option hidepid keeps the processes of others out of /proc for us. proc(5) */
export const procHidesProcesses = once((): boolean => {
  const mounts = readProc('/proc/self/mountinfo').toString('utf8').split('\n');
  // The last one mounted is on top
  const proc = mounts.findLast((line) => line.split(' ')[4] === '/proc') ?? '';
  if (!/[ ,]hidepid=(?:2|4|invisible|ptraceable)(?:,|$)/.test(proc)) return false;
  try {
    // Who is privileged, or in the group of the mount option gid, sees process 1 even if it is another user's
    const { uid } = asSyscall('/proc/1', () => statSync('/proc/1'));
    return uid === process.geteuid?.() && uid !== 0;
  } catch (error) {
    if (!failedWith(error, 'ENOENT', 'EACCES', 'EPERM')) throw error;
    return true;
  }
});

/** kernel.yama.ptrace_scope; undefined without Yama, a security module. Documentation/admin-guide/LSM/Yama.rst */
export function ptraceScope(): number | undefined {
  try {
    return Number(firstLine('/proc/sys/kernel/yama/ptrace_scope'));
  } catch (error) {
    // EACCES and EPERM: a sandbox
    if (failedWith(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM')) return undefined;
    throw error;
  }
}

/** How many descriptors this process has open. @throws SyscallError without a /proc of its PID namespace */
export function openFiles(): number {
  // One of them is of the directory itself
  return readProcNumbers('/proc/self/fd').length - 1;
}

/**
 * How many descriptors this process may have: the soft RLIMIT_NOFILE, which Node raises to the hard one. getrlimit(2).
 * Without /proc nobody says, and EMFILE tells when it is reached.
 */
export const openFilesLimit = once((): number => {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readProc('/proc/self/limits').toString('latin1'))?.[1];
    return limit === undefined ? Infinity : Number(limit);
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return Infinity;
    throw error;
  }
});
