import type { Holder } from '../../native-probe/proc/socket-holders.js';

interface Numbered {
  readonly pidfdId: bigint | undefined;
  readonly number: number;
}

/** Numbers for the holders of sockets: the same number for the same processes, whatever their descriptors. */
export class HolderNumbers {
  /** No number is larger: two of them and a few bits are below 2^53, and so exact. */
  static readonly most = 2 ** 23;

  /** For sockets with one holder, as nearly all have: by its PID, which another process may have got since. */
  readonly #alone = new Map<number, Numbered>();
  readonly #together = new Map<string, number>();
  #last = 0;

  /** The number of these holders: 0 where there are none. */
  of(holders: readonly Holder[]): number {
    const first = holders[0];
    if (first === undefined) return 0;
    return holders.length === 1 ? this.#ofOne(first) : this.#ofSeveral(holders);
  }

  #ofOne({ pid, pidfdId }: Holder): number {
    const known = this.#alone.get(pid);
    if (known !== undefined && known.pidfdId === pidfdId) return known.number;
    this.#alone.set(pid, { pidfdId, number: ++this.#last });
    return this.#last;
  }

  #ofSeveral(holders: readonly Holder[]): number {
    const key = holders.map(({ pid, pidfdId }) => `${pid}:${pidfdId ?? ''}`).join();
    const known = this.#together.get(key);
    if (known !== undefined) return known;
    this.#together.set(key, ++this.#last);
    return this.#last;
  }
}
