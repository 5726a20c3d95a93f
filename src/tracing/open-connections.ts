/** Connections of which more may be heard. Who makes many is not to fill our memory: the oldest are forgotten. */
const mostKept = 65_536;
const mostOfOne = 64;

interface Seen {
  readonly connection: number;
  readonly time: bigint;
}

/** Remembers which connect(2) belongs to an accept(2), and which connections a process made. */
export class OpenConnections {
  readonly #waiting = new Map<bigint, Seen>();
  readonly #ofProcess = new Map<bigint, number[]>();

  /** @param serverEnd - of the connection @param process - by what the client is told from others */
  connected(serverEnd: bigint, process: bigint, seen: Seen): void {
    keep(this.#waiting, serverEnd, seen);
    const made = this.#ofProcess.get(process) ?? [];
    if (made.length < mostOfOne) made.push(seen.connection);
    keep(this.#ofProcess, process, made);
  }

  /** The connect(2) of a connection that is accepted now; undefined where it was not seen. */
  accepted(serverEnd: bigint): Seen | undefined {
    const seen = this.#waiting.get(serverEnd);
    this.#waiting.delete(serverEnd);
    return seen;
  }

  /** The first connections of a process that has ended. */
  ended(process: bigint): readonly number[] {
    const made = this.#ofProcess.get(process) ?? [];
    this.#ofProcess.delete(process);
    return made;
  }
}

function keep<V>(map: Map<bigint, V>, key: bigint, value: V): void {
  if (map.size >= mostKept && !map.has(key)) {
    const [oldest] = map.keys();
    if (oldest !== undefined) map.delete(oldest);
  }
  map.set(key, value);
}
