import { Worker } from 'node:worker_threads';

let second: Worker | undefined;

/**
 * Starts the second thread of a survey before it is needed: it takes a while to
 * come up, in which the first has other things to do.
 *
 * @param program - survey-worker.js
 */
export function startSecondThread(program: URL): void {
  // It opens and closes descriptors by koffi, of which Node knows nothing
  second = new Worker(program, { trackUnmanagedFds: false });
  second.unref();
  // Too many threads, or no memory for one more: the first does everything then
  second.on('error', () => (second = undefined));
}

/** Undefined where none was started: the first does everything then. */
export function secondThread(): Worker | undefined {
  return second;
}
