/** Mounts whose file systems did not answer: what lies on them is not asked for again, so that ten such looks cost one limit. */
import { constants } from 'node:os';

import { SyscallError } from './syscall-error.js';
import { milliseconds } from './monotonic-clock.js';

/** How long a mount counts as silent. Milliseconds. */
const silentFor = 20_000;

/** Mounts, by their numbers in mountinfo. */
class SilentMounts {
  readonly #since = new Map<bigint, number>();

  add(mount: bigint | undefined): void {
    if (mount !== undefined) this.#since.set(mount, milliseconds());
  }

  /**
   * @param find - the mount of what is to be asked for: called only where some are silent
   * @throws SyscallError ETIMEDOUT where it is one of them
   */
  require(subject: string, find: () => bigint | undefined): void {
    const before = milliseconds() - silentFor;
    for (const [mount, since] of this.#since) if (since < before) this.#since.delete(mount);
    if (this.#since.size === 0) return;
    const mount = find();
    if (mount !== undefined && this.#since.has(mount)) {
      throw new SyscallError('stat', constants.errno.ETIMEDOUT, subject);
    }
  }
}

export const silentMounts = new SilentMounts();
