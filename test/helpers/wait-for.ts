import { setTimeout as sleep } from 'node:timers/promises';

import { patience } from './patience.js';

/** Waits until something is so, and fails with its description when that takes too long. */
export async function waitFor(description: string, isSo: () => boolean, milliseconds = 5000): Promise<void> {
  const deadline = Date.now() + milliseconds * patience;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`timed out waiting until ${description}`);
    await sleep(5);
  }
}
