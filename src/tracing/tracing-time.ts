import { bootNanoseconds } from '../../native-probe/boot-clock.js';

/** Turns the kernel's times into those of the clock, as that is now: it may be set meanwhile. */
export class TracingTime {
  #offset = 0;

  constructor() {
    this.adjust();
  }

  /** Takes the difference of the two clocks anew. */
  adjust(): void {
    this.#offset = Date.now() - Number(bootNanoseconds()) / 1e6;
  }

  /** @param time - nanoseconds since boot @returns ISO 8601 */
  iso(time: bigint): string {
    return new Date(this.#offset + Number(time) / 1e6).toISOString();
  }
}
