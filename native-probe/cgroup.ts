/** Finding a cgroup by its id, which is the inode number of its directory in the cgroup v2 tree. cgroups(7) */
import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { cgroup2, type CgroupMount, pathBelow } from './proc/cgroup-mounts.js';
import { Fd, fileSystemOf, openFile } from './fd.js';
import { openByHandleAt } from './libc.js';
import { openPidfd, pidfdInfo } from './pidfd.js';
import { readProc } from './proc/read.js';
import { asSyscall, failedWith, SyscallError } from './syscall-error.js';
import { uapi } from './uapi.js';

/** No system has more cgroups than this; a search that would take longer is given up. */
export const mostDirectories = 20_000;

/** The directory where the cgroup v2 tree is mounted first; undefined where it is not. */
export function cgroup2Mount(): string | undefined {
  return cgroup2()?.directory;
}

/**
 * The directories of the cgroup v2 that this process is in and of those above
 * it, its own first, as far up as they can be seen here. Empty where that cgroup is in no mount.
 *
 * @throws SyscallError without /proc
 */
export function ownCgroupDirectories(): string[] {
  const mount = cgroup2();
  const path = mount && (ownPathBelow(mount) ?? ownPathById());
  if (path === undefined) return [];
  const parts = [mount?.directory, ...path.split('/').filter(Boolean)];
  return parts.map((_, up) => parts.slice(0, parts.length - up).join('/'));
}

/** By /proc/self/cgroup, which may name a cgroup that is not below the mount. proc_pid_cgroup(5) */
function ownPathBelow(mount: CgroupMount): string | undefined {
  const path = /^0::(.*)$/m.exec(readProc('/proc/self/cgroup').toString('utf8'))?.[1];
  return path === undefined ? undefined : pathBelow(mount, path);
}

/** By our own cgroup id, which is the same in every cgroup namespace. Linux 6.13. */
function ownPathById(): string | undefined {
  try {
    using self = openPidfd(process.pid);
    const id = pidfdInfo(self).cgroupId;
    return id === undefined ? undefined : cgroupOfId(id)?.toString('utf8');
  } catch (error) {
    if (error instanceof SyscallError) return undefined;
    throw error;
  }
}

/**
 * The path of the cgroup with this id, below the mount of the v2 tree, as in
 * /proc/PID/cgroup; undefined when no such cgroup is there any more (or not in this mount).
 *
 * @throws SyscallError when the mount cannot be opened
 */
export function cgroupOfId(id: bigint): Buffer | undefined {
  const mount = cgroup2Mount();
  if (mount === undefined) return undefined;
  using root = openFile(mount, uapi.O_DIRECTORY);
  // Something else may be mounted over the tree, as by a sandbox
  if (fileSystemOf(root) !== uapi.CGROUP2_SUPER_MAGIC) return undefined;
  const directory = openByHandle(root, mount, id) ?? search(mount, id);
  if (directory === undefined) return undefined;
  return Buffer.from(directory === mount ? '/' : directory.slice(mount.length), 'utf8');
}

/** By open_by_handle_at(2): at once, but only with CAP_DAC_READ_SEARCH. */
function openByHandle(root: Fd, mount: string, id: bigint): string | undefined {
  const handle = Buffer.alloc(16);
  handle.writeUInt32LE(8, 0);
  handle.writeInt32LE(uapi.FILEID_KERNFS, 4);
  handle.writeBigUInt64LE(id, 8);
  const result = openByHandleAt(root.number, handle, uapi.O_PATH);
  if (result < 0) return undefined;
  using directory = new Fd(result);
  const link = `/proc/self/fd/${directory.number}`;
  const path = asSyscall(link, () => readlinkSync(link));
  return path === mount || path.startsWith(`${mount}/`) ? path : undefined;
}

/** By looking at each directory, breadth first, since units are near the root. */
function search(mount: string, id: bigint): string | undefined {
  const queue = [mount];
  for (let next = 0; next < queue.length && next < mostDirectories; next++) {
    const directory = queue[next] ?? mount;
    try {
      if (asSyscall(directory, () => statSync(directory, { bigint: true })).ino === id) return directory;
      for (const entry of asSyscall(directory, () => readdirSync(directory, { withFileTypes: true }))) {
        if (entry.isDirectory()) queue.push(join(directory, entry.name));
      }
    } catch (error) {
      // removed meanwhile, or not ours to read: it is not found there
      if (!failedWith(error, 'ENOENT', 'ENODEV', 'EACCES', 'EPERM')) throw error;
    }
  }
  return undefined;
}
