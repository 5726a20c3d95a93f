import type { Holder } from '../../native-probe/proc/socket-holders.js';

interface Numbered {
  readonly pidfdId: bigint | undefined;
  readonly number: number;
}

/** Numbers for who has sockets open: the same for the same processes, whatever their descriptors. */
export class HolderNumbers {
  /** None is larger: two of them, and a few bits, are an exact number. */
  static readonly most = 2 ** 23;

  /** Of a process that has a socket to itself, as nearly all do. By its own number, which another may have got since. */
  readonly #alone = new Map<number, Numbered>();
  readonly #together = new Map<string, number>();
  #last = 0;

  /** 0 for nobody. */
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
