import type { PinnedProcess, Sighting } from '../identity/pinned-process.js';
import { type ProcFacts, readInFull } from '../identity/proc-facts.js';
import { type ProcessFacts, processFactsOf } from '../identity/process-facts.js';
import type { EventLoop, Watch } from './event-loop.js';

/** Milliseconds that the parent is given to reap the process with wait(2), after which the kernel tells its exit status to all. */
const reapingTime = 200;

/**
 * Waits for the end of one process through its pidfd, and tells once. A
 * process that has ended but is not reaped does not tell everybody its exit
 * status, so it is given a moment to be reaped.
 */
export class ProcessWatch implements Disposable {
  readonly #watch: Watch;
  #told = false;

  /**
   * @param process - owned by the watch from here on
   * @param onExit - called once, with all that is left to know
   */
  constructor(
    private readonly loop: EventLoop,
    readonly process: PinnedProcess,
    private readonly onExit: (facts: ProcessFacts<ProcFacts>) => void,
  ) {
    this.#watch = loop.watch(process.pidfd, 'readable', () => {
      this.#ended();
    });
  }

  #ended(): void {
    const sighting = this.process.look();
    if (sighting.state === 'zombie') {
      const facts = this.#factsAt(sighting);
      if (facts?.exitStatus !== undefined) {
        this.#tell(facts);
        return;
      }
      // EPOLLHUP comes when the process is reaped (Linux 6.9); until then EPOLLIN would wake us again and again
      this.#watch.change('hangup');
      this.loop.after(reapingTime, () => {
        this.#tellNow();
      });
      return;
    }
    this.#tellNow(sighting);
  }

  #tellNow(sighting?: Sighting): void {
    if (this.#told) return;
    const seen = sighting ?? this.process.look();
    // The process may be reaped between the two looks: the second one finds what is left of it
    const facts = this.#factsAt(seen) ?? this.#factsAt(this.process.look());
    if (facts !== undefined) this.#tell(facts);
  }

  #factsAt(sighting: Sighting): ProcessFacts<ProcFacts> | undefined {
    return processFactsOf(this.process, sighting, readInFull);
  }

  #tell(facts: ProcessFacts<ProcFacts>): void {
    if (this.#told) return;
    this.#told = true;
    this.onExit(facts);
  }

  [Symbol.dispose](): void {
    this.#told = true;
    this.#watch[Symbol.dispose]();
    this.process[Symbol.dispose]();
  }
}
