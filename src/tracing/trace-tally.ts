import type { TraceConnectEvent, TraceMessageEvent, TracePair, TraceSummaryEvent } from '../document/trace-event.js';
import type { Verdict } from '../verdict/verdict.js';

/** Who connects with ever new names is not to fill our memory. */
const mostPairs = 10_000;
const mostTold = 1000;

type Counted = { -readonly [K in keyof TracePair]: TracePair[K] };

/** Counts what is told, for the end. */
export class Tally {
  readonly #pairs = new Map<string, Counted>();
  readonly #verdicts: Partial<Record<Verdict, number>> = {};
  #beyond = 0;
  connections = 0;
  failed = 0;
  messages = 0;
  lost = 0;

  get recycled(): number {
    return this.#verdicts.recycled ?? 0;
  }

  add(event: TraceConnectEvent | TraceMessageEvent): void {
    const failed = event.result !== 'connected' && event.result !== 'sent';
    if (event.event === 'connect') this.connections++;
    else this.messages++;
    if (failed) this.failed++;
    if (event.now !== undefined) this.#verdicts[event.now.verdict] = (this.#verdicts[event.now.verdict] ?? 0) + 1;
    const pair = this.#pairOf(event);
    if (pair === undefined) return;
    pair.times++;
    if (failed) pair.failed++;
    const took = event.event === 'connect' ? event.nanoseconds : undefined;
    if (took !== undefined) pair.slowestNanoseconds = Math.max(pair.slowestNanoseconds ?? 0, took);
  }

  #pairOf({ client, address = '' }: TraceConnectEvent | TraceMessageEvent): Counted | undefined {
    const key = JSON.stringify([client.comm, client.user.id, address]);
    const known = this.#pairs.get(key);
    if (known !== undefined) return known;
    if (this.#pairs.size >= mostPairs) {
      this.#beyond++;
      return undefined;
    }
    const pair: Counted = { program: client.comm ?? '', user: client.user, address, times: 0, failed: 0 };
    this.#pairs.set(key, pair);
    return pair;
  }

  /** The most frequent first. */
  get pairs(): readonly TracePair[] {
    return [...this.#pairs.values()].sort((a, b) => b.times - a.times);
  }

  /** @param milliseconds - since the beginning */
  summary(time: string, milliseconds: number): TraceSummaryEvent {
    const pairs = this.pairs;
    return {
      event: 'summary',
      time,
      milliseconds: Math.round(milliseconds),
      connections: this.connections,
      failed: this.failed,
      messages: this.messages,
      lost: this.lost,
      verdicts: this.#verdicts,
      pairs: pairs.slice(0, mostTold),
      morePairs: Math.max(0, pairs.length - mostTold) + this.#beyond,
    };
  }
}
