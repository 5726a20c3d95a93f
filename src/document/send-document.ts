import type { Sent } from '../socket/sending.js';
import type { Step } from '../words/evidence.js';

/** The output of `peerpid send --json`. */
export interface SendDocument extends Sent {
  /** With `--explain`. */
  readonly evidence?: readonly Step[];
}
