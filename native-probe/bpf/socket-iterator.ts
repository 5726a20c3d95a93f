/** All AF_UNIX sockets that processes have open, by one pass of a BPF iterator. kernel/bpf/task_iter.c */
import { constants } from 'node:os';

import type { Fd } from '../fd.js';
import { goesOn } from '../going-on.js';
import { read } from '../libc.js';
import { check, SyscallError } from '../syscall-error.js';
import { BpfObject } from './bpf-object.js';
import { SocketRecords } from './socket-records.js';

/** Bytes at first, and at most: of three million descriptors. */
const room = { first: 2 ** 21, most: 2 ** 28 };

/** Bytes: the kernel fills no more at once. kernel/bpf/bpf_iter.c, bpf_seq_read() */
const mostAtOnce = 32 * 1024;

/** Loads the program, and runs it as often as it is wanted. Disposing of it unloads it. */
export class SocketIterator implements Disposable {
  readonly #object: BpfObject;

  /**
   * @param directory - of the objects: native-probe/bpf of the package
   * @throws SyscallError as {@link BpfObject.open} and {@link BpfObject.load}; EINVAL before Linux 5.8, which has no such
   * iterator
   */
  constructor(directory: string) {
    this.#object = BpfObject.open(directory, 'sockets');
    try {
      this.#object.load(['sockets']);
    } catch (error) {
      this.#object[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Looks through the descriptors of all tasks of our PID namespace. A table that threads share is told once, as that of the
   * first of them: from Linux 5.11 on, and before as often as there are threads; a thread's own comes beside it. They are
   * in no order but that each table's records are together. Sockets that no process has open are not among them.
   *
   * @throws SyscallError ENOMEM of more than three million descriptors
   */
  records(): SocketRecords {
    using iterator = this.#object.iterate('sockets');
    let buffer = Buffer.allocUnsafeSlow(room.first);
    let length = 0;
    for (;;) {
      if (buffer.length - length < mostAtOnce) {
        if (buffer.length >= room.most)
          throw new SyscallError('read', constants.errno.ENOMEM, 'descriptors of sockets');
        buffer = Buffer.concat([buffer], 2 * buffer.length);
      }
      const got = readMore(iterator, buffer.subarray(length));
      goesOn();
      if (got === 0) break;
      length += got;
    }
    return new SocketRecords(new Uint32Array(buffer.buffer, buffer.byteOffset, length >> 2));
  }

  [Symbol.dispose](): void {
    this.#object[Symbol.dispose]();
  }
}

/** @returns how many bytes came, 0 at the end */
function readMore(iterator: Fd, into: Buffer): number {
  for (;;) {
    const got = read(iterator.number, into, into.length);
    // After a million files that are no sockets, or a signal, it goes on where it was
    if (got !== -constants.errno.EAGAIN && got !== -constants.errno.EINTR) return check(got, 'read', 'iter/task_file');
    goesOn();
  }
}
