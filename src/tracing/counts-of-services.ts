import type { TraceConnectEvent, TraceMessageEvent } from '../document/trace-event.js';
import type { CountOfService, TraceCounts } from '../output/trace/trace-metrics.js';

/** Who connects to ever new addresses is not to fill the collector. */
const mostAddresses = 1000;

type Counted = { -readonly [K in keyof CountOfService]: CountOfService[K] };

/** Counts calls by the service that they lead to, for `--prometheus`. */
export class CountsOfServices {
  readonly #addresses = new Set<string>();
  readonly #counts = { connect: new Map<string, Counted>(), message: new Map<string, Counted>() };
  #beyond = 0;

  add({ event, address = '', result }: TraceConnectEvent | TraceMessageEvent): void {
    if (!this.#addresses.has(address) && this.#addresses.size >= mostAddresses) {
      this.#beyond++;
      return;
    }
    this.#addresses.add(address);
    const counts = this.#counts[event];
    const key = JSON.stringify([address, result]);
    const counted = counts.get(key);
    if (counted === undefined) counts.set(key, { address, result, count: 1 });
    else counted.count++;
  }

  /** @param lost - calls that found no room until now */
  now(lost: number): TraceCounts {
    return {
      connections: [...this.#counts.connect.values()],
      messages: [...this.#counts.message.values()],
      beyond: this.#beyond,
      lost,
      at: Math.floor(Date.now() / 1000),
    };
  }
}
