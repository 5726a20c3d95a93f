import type { Stage } from './stage.js';

/** A situation of peerpid-recipes(7). */
export interface Recipe {
  /** Programs without which it cannot be staged. */
  readonly needs: readonly string[];
  /** Brings the situation about, and types the commands of the page in their order. */
  readonly play: (stage: Stage) => Promise<void>;
  readonly columns?: number;
}
