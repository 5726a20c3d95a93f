/** What two threads agree upon, so that they look through the processes together. */
import type { MessagePort } from 'node:worker_threads';

import { readProcNumbers } from '../../native-probe/proc/read.js';
import type { SocketDump } from '../../native-probe/sock-diag.js';

/** A survey that is to be made; given to the second thread as its message. */
export interface SurveyJob {
  /** Shared memory: see {@link cell}. */
  readonly cells: Int32Array;
  /** Undefined when the thread is to find out itself, and to answer with a {@link Listing} first. */
  readonly work: SurveyWork | undefined;
  readonly audit: boolean;
  readonly unlisted: boolean;
  /** Where the thread's part of the survey, or what went wrong, is to be sent. */
  readonly answer: MessagePort;
}

/** Which processes are looked through, the first of them already, and for which sockets. */
export interface SurveyWork {
  readonly pids: Int32Array;
  readonly known: Uint32Array;
}

/** All sockets of our network namespace, and {@link processesToVisit} after these were listed. */
export interface Listing {
  readonly dump: SocketDump;
  readonly pids: Int32Array;
}

/** What stands where in the shared memory. */
export const cell = {
  /** The index of the next process that nobody has taken. */
  next: 0,
  /** One of {@link state}. */
  thread: 1,
} as const;

/** How far the thread is. */
export const state = { notStarted: 0, listing: 1, visiting: 2, done: 3, notWanted: 4 } as const;

/** Shared memory for one survey. */
export function newCells(): Int32Array {
  const cells = new Int32Array(new SharedArrayBuffer(8));
  cells[cell.next] = 1;
  return cells;
}

/**
 * All processes, ourselves before all others: who begins a survey looks through
 * the first before the other thread comes in, since a thread that asks has
 * duplicates of sockets, and we are not to be found among their holders.
 */
export function processesToVisit(): Int32Array {
  const others = readProcNumbers('/proc').filter((pid) => pid !== process.pid);
  return Int32Array.from([process.pid, ...others]);
}

/** Calls visit with one process after another, as long as the other thread has left some. */
export function takeTurns(pids: Int32Array, cells: Int32Array, visit: (pid: number, taken: number) => void): void {
  for (;;) {
    const index = Atomics.add(cells, cell.next, 1);
    const pid = pids[index];
    if (pid === undefined) return;
    visit(pid, index + 1);
  }
}
