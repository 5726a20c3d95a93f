import { constants } from 'node:os';

import { CallingChild } from './calling-child.js';
import type { Fd } from './fd.js';
import { send } from './libc.js';
import type { OwnCgroup } from './own-cgroup.js';
import { isReadable } from './poll.js';
import { check, SyscallError } from './syscall-error.js';
import { uapi } from './uapi.js';
import { encodeAddress } from './unix-address.js';
import { accept, addressOf, bind, listen, openBlockingSocket, openSocket, openSocketPair } from './unix-socket.js';

/** Milliseconds. A child that was kept from connecting, as by a seccomp filter, is not waited for for ever. */
const longestConnecting = 5000;

/**
 * A child process in a cgroup, and a connection that it made to us. What
 * accept(2) gives belongs to the cgroup of who called connect(2), so a BPF
 * program there answers for it. net/unix/af_unix.c, unix_stream_connect()
 */
export class CgroupClient implements Disposable {
  private constructor(
    readonly child: CallingChild,
    /** Our end, as a service would have it. */
    readonly accepted: Fd,
  ) {}

  /**
   * @param name - its comm, up to 15 bytes
   * @throws SyscallError of any step, such as ENOENT or EACCES when it may not be moved into the cgroup
   */
  static connect(cgroup: OwnCgroup, name: string): CgroupClient {
    using listener = openSocket('stream');
    // Of no name, so that the kernel chooses an abstract one. unix(7), "Autobind feature"
    bind(listener, { kind: 'unnamed' }, name);
    listen(listener, 1, name);
    const [ours, its] = openSocketPair('stream');
    using near = ours;
    using gate = its;
    using socket = openBlockingSocket('stream');
    const address = encodeAddress(addressOf(listener));
    const child = CallingChild.start([
      ['prctl', uapi.PR_SET_NAME, Buffer.from(`${name}\0`)],
      ['read', gate.number, Buffer.alloc(1), 1],
      ['connect', socket.number, address, address.length],
      ['pause'],
    ]);
    try {
      cgroup.take(child.pid);
      check(send(near.number, Buffer.of(0), 1, uapi.MSG_NOSIGNAL), 'send');
      const accepted = isReadable(listener, longestConnecting) ? accept(listener) : undefined;
      if (accepted === undefined) throw new SyscallError('connect', constants.errno.ETIMEDOUT, 'in a child');
      return new CgroupClient(child, accepted);
    } catch (error) {
      child[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.accepted[Symbol.dispose]();
    this.child[Symbol.dispose]();
  }
}
