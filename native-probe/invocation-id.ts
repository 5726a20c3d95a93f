/** Which run of a unit its cgroup is of: systemd numbers each start. systemd.exec(5), INVOCATION_ID */
import { constants } from 'node:fs';
import { constants as system } from 'node:os';

import { type Fd, fileSystemOf, openFile } from './fd.js';
import { getxattr } from './libc.js';
import { cgroupDirectory } from './proc/cgroup-mounts.js';
import { check, failedWith, SyscallError } from './syscall-error.js';
import { uapi } from './uapi.js';

/**
 * Where systemd writes it, in the order of who may: `trusted.` is read and written with CAP_SYS_ADMIN alone, `user.`
 * (since systemd 248) by the owner of the directory. xattr(7); systemd/src/core/cgroup.c, cgroup_xattr_apply()
 */
const attributes = ['trusted.invocation_id', 'user.invocation_id'] as const;

/**
 * The invocation id of the unit that has a cgroup now, in the v2 tree or in systemd's own of v1.
 *
 * @param unit - the path of the unit's cgroup, as /proc/PID/cgroup has it
 * @returns 32 hexadecimal digits; null where systemd wrote none
 * @throws SyscallError as open(2): ENOENT also where no mount shows the cgroup
 */
export function invocationIdOf(unit: string): string | null {
  const found = (['unified', 'systemd'] as const)
    .map((tree) => cgroupDirectory(tree, unit))
    .filter((path) => path !== undefined)
    .map(lookIn);
  const id = found.find((value) => typeof value === 'string');
  if (id === undefined && !found.includes(null)) throw new SyscallError('open', system.errno.ENOENT, unit);
  return id ?? null;
}

/** What is at the directory of a cgroup: an id, null for none, undefined where there is no such cgroup. */
function lookIn(path: Buffer): string | null | undefined {
  try {
    using directory = openFile(path, uapi.O_PATH | uapi.O_DIRECTORY | constants.O_NOFOLLOW);
    return idIn(directory) ?? null;
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Something else may be mounted over the tree. */
function idIn(directory: Fd): string | undefined {
  const type = fileSystemOf(directory);
  if (type !== uapi.CGROUP2_SUPER_MAGIC && type !== uapi.CGROUP_SUPER_MAGIC) return undefined;
  for (const name of attributes) {
    const id = attributeOf(directory, name);
    if (id !== undefined) return id;
  }
  return undefined;
}

const answer = Buffer.alloc(32);

function attributeOf(directory: Fd, name: (typeof attributes)[number]): string | undefined {
  const path = `/proc/self/fd/${directory.number}`;
  try {
    const result = getxattr(Buffer.from(`${path}\0`), Buffer.from(`${name}\0`), answer, answer.length);
    const text = answer.toString('latin1', 0, check(result, `getxattr(${name})`, path));
    return /^[0-9a-f]{32}$/.test(text) ? text : undefined;
  } catch (error) {
    // ENODATA also stands for trusted ones without CAP_SYS_ADMIN, ERANGE for what is no id
    if (failedWith(error, 'ENODATA', 'EOPNOTSUPP', 'ERANGE')) return undefined;
    throw error;
  }
}
