import type { Refusal } from '../../words/reading.js';
import { notTried, refused, type Trial } from '../row.js';

const capabilities =
  'Run it as root outside of containers: bpf(2) needs CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN, in the initial user namespace, and a sandbox (seccomp) that allows it.';

/** Errnos of a kernel that does not know programs for getsockopt(2): which one depends on its version and build. */
const notKnown = new Set(['EINVAL', 'E2BIG']);

/**
 * The trial of a bpf(2) call that was refused. Where the kernel has no bpf(2),
 * or a sandbox says so, nobody can tell what programs do.
 *
 * @param detail - what was refused, in a sentence
 */
export function bpfRefused(error: Refusal, detail: string): Trial {
  if (error.code === 'EPERM' || error.code === 'EACCES') return refused(error, detail, capabilities);
  const why =
    error.code === 'ENOSYS'
      ? 'The kernel has no bpf(2), or a sandbox says so.'
      : notKnown.has(error.code)
        ? 'A kernel without programs for getsockopt(2) answers like this; they came with Linux 5.3 and need CONFIG_CGROUP_BPF.'
        : detail;
  return { ...notTried(why), error };
}
