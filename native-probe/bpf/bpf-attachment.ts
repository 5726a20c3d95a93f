/** Programs for getsockopt(2) on a cgroup: putting one there, and asking which are. bpf(2), kernel/bpf/cgroup.c */
import type { Fd } from '../fd.js';
import { check, SyscallError } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { callBpf } from './bpf-call.js';

/**
 * bpf(BPF_PROG_ATTACH): from here on the program sees every getsockopt(2) on
 * sockets that were made inside the cgroup. Disposing of the result detaches the program.
 *
 * @param cgroup - a directory of the cgroup v2 tree
 * @throws SyscallError EPERM without CAP_NET_ADMIN, and below a cgroup whose own program allows no other
 */
export function attach(program: Fd, cgroup: Fd): Disposable {
  // Attaching and detaching take the same attributes
  const attr = Buffer.alloc(16);
  attr.writeUInt32LE(cgroup.number, 0);
  attr.writeUInt32LE(program.number, 4);
  attr.writeUInt32LE(uapi.BPF_CGROUP_GETSOCKOPT, 8);
  check(callBpf(uapi.BPF_PROG_ATTACH, attr), 'bpf(BPF_PROG_ATTACH)');
  return {
    [Symbol.dispose]: () => {
      // Whatever the answer is: another may have detached it, and it goes with the cgroup at the latest
      callBpf(uapi.BPF_PROG_DETACH, attr);
    },
  };
}

/** Offsets of BPF_PROG_QUERY in union bpf_attr. */
const query = { attachType: 4, flags: 8, ids: 16, count: 24 } as const;
/** Bytes of union bpf_attr as far as `revision`, which newer kernels write. */
const attributes = 64;

/**
 * bpf(BPF_PROG_QUERY): the ids of the programs for getsockopt(2) that are
 * attached to a cgroup. Linux 5.3.
 *
 * @param which - `effective`: also those of the cgroups above, up to the root
 * of the whole tree, be it out of sight; `own`: its own only
 * @throws SyscallError EPERM without CAP_NET_ADMIN in the initial user
 * namespace; EINVAL where the kernel has no such programs; ENOSYS without bpf(2)
 */
export function attachedPrograms(cgroup: Fd, which: 'effective' | 'own'): number[] {
  for (let room = 64; ; room *= 2) {
    const ids = Buffer.alloc(4 * room);
    const attr = Buffer.alloc(attributes);
    attr.writeUInt32LE(cgroup.number, 0);
    attr.writeUInt32LE(uapi.BPF_CGROUP_GETSOCKOPT, query.attachType);
    attr.writeUInt32LE(which === 'effective' ? uapi.BPF_F_QUERY_EFFECTIVE : 0, query.flags);
    attr.writeUInt32LE(room, query.count);
    const result = callBpf(uapi.BPF_PROG_QUERY, attr, [[query.ids, ids]]);
    if (result >= 0) {
      return Array.from({ length: attr.readUInt32LE(query.count) }, (_, index) => ids.readUInt32LE(4 * index));
    }
    const error = new SyscallError('bpf(BPF_PROG_QUERY)', -result);
    // ENOSPC: there was not room for all
    if (error.code !== 'ENOSPC') throw error;
  }
}
