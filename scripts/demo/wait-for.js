import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something is so, as long as those live who bring it about. */
export async function waitFor(description, isSo, processes) {
  const deadline = Date.now() + 10_000;
  while (!isSo()) {
    if (processes.some(({ hasEnded }) => hasEnded)) throw new Error(`a process ended before ${description}`);
    if (Date.now() > deadline) throw new Error(`timed out before ${description}`);
    await sleep(10);
  }
}
