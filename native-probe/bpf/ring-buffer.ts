/** What BPF programs tell: BPF_MAP_TYPE_RINGBUF, kernel/bpf/ringbuf.c. */
import { constants } from 'node:os';

import { duplicate, type Fd } from '../fd.js';
import { bytesAt, type Callback, callbackOf } from '../libc.js';
import { check, SyscallError } from '../syscall-error.js';
import { callLibbpf } from './libbpf.js';

/** Records that are taken at once at most: who makes many is not to keep us from everything else. */
const mostAtOnce = 512;

/** Any negative number ends the taking; libbpf passes it through. */
const enough = -1000;

const sample = 'int peerpid_sample(uintptr_t ctx, uintptr_t data, size_t size)';

/** Takes records, as the programs told them. */
export class RingBuffer implements Disposable {
  readonly #taken: Buffer[] = [];
  readonly #callback: Callback;
  readonly #ring: number;
  /** Readable while there is a record. */
  readonly fd: Fd;

  /** @param map - its descriptor, which stays open as long as this */
  constructor(map: number) {
    this.#callback = callbackOf(sample, (_context, data = 0, size = 0) => {
      this.#taken.push(bytesAt(BigInt(data), Number(size)));
      return this.#taken.length < mostAtOnce ? 0 : enough;
    });
    this.#ring = callLibbpf('ring_buffer__new', map, this.#callback.address, 0n, 0n);
    if (this.#ring === 0) {
      this.#callback.free();
      throw new SyscallError('ring_buffer__new', constants.errno.ENOMEM);
    }
    try {
      this.fd = duplicate(callLibbpf('ring_buffer__epoll_fd', this.#ring));
    } catch (error) {
      this.#free();
      throw error;
    }
  }

  /** What has been told since, up to 512 records, the oldest first. Copies, which nobody else has. */
  take(): Buffer[] {
    const result = callLibbpf('ring_buffer__consume', this.#ring);
    if (result !== enough) check(result, 'ring_buffer__consume');
    return this.#taken.splice(0);
  }

  [Symbol.dispose](): void {
    this.fd[Symbol.dispose]();
    this.#free();
  }

  #free(): void {
    callLibbpf('ring_buffer__free', this.#ring);
    this.#callback.free();
  }
}
