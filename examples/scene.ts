import type { Stage } from './stage.js';

/** A situation that a page or a picture shows. */
export interface Scene {
  /** Programs without which it cannot be staged. */
  readonly needs: readonly string[];
  /** Brings the situation about, and types the commands that are shown, in their order. */
  readonly play: (stage: Stage) => Promise<void>;
  readonly columns?: number;
}
