import { setTimeout as sleep } from 'node:timers/promises';

/** Polls, with an end. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`timed out before ${what}`);
    await sleep(20);
  }
}
