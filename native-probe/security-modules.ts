import { landlockCreateRuleset, lsmListModules } from './libc.js';
import { check } from './syscall-error.js';
import { uapi } from './uapi.js';

/** The names of modules, by their numbers from 100 on. <linux/lsm.h>, LSM_ID_* */
const names = [
  'capability',
  'selinux',
  'smack',
  'tomoyo',
  'apparmor',
  'yama',
  'loadpin',
  'safesetid',
  'lockdown',
  'bpf',
  'landlock',
  'ima',
  'evm',
  'ipe',
] as const;

const mostModules = 64;

/**
 * lsm_list_modules(2): the security modules that are active, in their order. Linux 6.8; security/lsm_syscalls.c
 *
 * @throws SyscallError ENOSYS before 6.8 or without security modules
 */
export function securityModules(): string[] {
  const ids = Buffer.alloc(8 * mostModules);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(ids.length);
  const count = check(lsmListModules(uapi.NR_lsm_list_modules, ids, size, 0), 'lsm_list_modules');
  return Array.from({ length: count }, (_, index) => {
    const id = Number(ids.readBigUInt64LE(8 * index));
    return names[id - 100] ?? `module ${id}`;
  });
}

/**
 * The version of landlock's rules that the kernel has: from 6 on (Linux 6.12) a sandbox may keep its processes from abstract
 * sockets made outside, from 9 on (7.1) from those of paths. landlock(7)
 *
 * @throws SyscallError ENOSYS before Linux 5.13, EOPNOTSUPP where it is not active
 */
export function landlockVersion(): number {
  const { NR_landlock_create_ruleset, LANDLOCK_CREATE_RULESET_VERSION } = uapi;
  return check(
    landlockCreateRuleset(NR_landlock_create_ruleset, null, 0, LANDLOCK_CREATE_RULESET_VERSION),
    'landlock_create_ruleset',
  );
}
