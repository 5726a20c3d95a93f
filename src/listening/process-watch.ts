import type { ProcessReference, Sighting } from '../identity/pinned-process.js';
import { type ProcessView, viewOf } from '../identity/process-facts.js';
import type { EventLoop, Watch } from './event-loop.js';

/** How long a parent is given to wait for its child, so that the kernel tells the exit status. Milliseconds. */
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
    readonly process: ProcessReference,
    private readonly onExit: (view: ProcessView) => void,
  ) {
    this.#watch = loop.watch(process.pidfd, 'readable', () => {
      this.#ended();
    });
  }

  #ended(): void {
    const sighting = this.process.look();
    if (sighting.state === 'zombie') {
      const view = viewOf(this.process, sighting);
      if (view?.exitStatus !== undefined) {
        this.#tell(view);
        return;
      }
      // EPOLLHUP comes when it is reaped (Linux 6.9); before, EPOLLIN would be told again and again
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
    // It may be reaped between the two looks, and then the second is the last word
    const view = viewOf(this.process, seen) ?? viewOf(this.process, this.process.look());
    if (view !== undefined) this.#tell(view);
  }

  #tell(view: ProcessView): void {
    if (this.#told) return;
    this.#told = true;
    this.onExit(view);
  }

  [Symbol.dispose](): void {
    this.#told = true;
    this.#watch[Symbol.dispose]();
    this.process[Symbol.dispose]();
  }
}
