import { syscall } from './libc.js';
import { uapi } from './uapi.js';

/**
 * kcmp(2) with KCMP_FILES: whether two threads have one table of descriptors, as all threads of a process do but those
 * that called unshare(2) or clone(2) for one of their own. Linux 3.5, with CONFIG_KCMP.
 *
 * @returns undefined when the kernel does not tell: one of them has ended, or a sandbox forbids it (ENOSYS, EPERM)
 */
export function shareDescriptors(one: number, other: number): boolean | undefined {
  const order = syscall(uapi.NR_kcmp, one, other, uapi.KCMP_FILES);
  return order < 0 ? undefined : order === 0;
}
