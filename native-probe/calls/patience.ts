/**
 * Milliseconds for which a wait goes on once a signal came: as a rule it is one that is to end us, which JavaScript sees
 * only after the wait. Without a handler it has ended us already.
 */
import { milliseconds } from '../monotonic-clock.js';

export const afterSignal = 50;

/** How long an answer is waited for. Those that nobody delays take microseconds. Milliseconds. */
export const limit = 1000;

/** After one that was given up others are not given as long, or a few processes could hold us up again and again. */
const shortFor = 20_000;

/** The time that each of many questions of one kind is given. */
export class Patience {
  #lastGivenUp = -Infinity;

  /** @param shortLimit - milliseconds that others are given after one that was given up */
  constructor(private readonly shortLimit: number) {}

  /** Milliseconds that a question is still waited for. @param asked - when it was asked, by milliseconds() */
  left(asked: number): number {
    const now = milliseconds();
    const given = now - this.#lastGivenUp < shortFor ? this.shortLimit : limit;
    return Math.max(0, given - (now - asked));
  }

  /** One was given up. */
  gaveUp(): void {
    this.#lastGivenUp = milliseconds();
  }
}
