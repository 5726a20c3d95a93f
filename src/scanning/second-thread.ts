import { Worker } from 'node:worker_threads';

let second: Worker | undefined;

/** What the second thread is started with. */
export interface SecondThreadData {
  /** Shared memory: 1 as soon as the thread has loaded what it needs. */
  readonly loaded: Int32Array;
}

/** Milliseconds; it takes some 30. */
const longestLoading = 2000;

/**
 * Starts the second thread of a survey before it is needed: it takes a while to
 * come up, in which the first has other things to do.
 *
 * @param program - survey-worker.js
 */
export function startSecondThread(program: URL): void {
  const loaded = new Int32Array(new SharedArrayBuffer(4));
  const workerData: SecondThreadData = { loaded };
  // It opens and closes descriptors by koffi, of which Node knows nothing
  second = new Worker(program, { trackUnmanagedFds: false, workerData });
  second.unref();
  // Too many threads, or no memory for one more: the first does everything then
  second.on('error', () => (second = undefined));
  // Node aborts as a whole when a thread is ended while it loads koffi
  process.on('exit', () => {
    if (second !== undefined) Atomics.wait(loaded, 0, 0, longestLoading);
  });
}

/** Undefined where none was started: the first does everything then. */
export function secondThread(): Worker | undefined {
  return second;
}
