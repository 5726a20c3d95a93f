/** What two threads agree upon, so that they look through the processes together. */
import type { MessagePort } from 'node:worker_threads';

import type { Survey } from '../../native-probe/survey.js';
import type { SyscallError } from '../../native-probe/syscall-error.js';

/** A survey that is to be made; given to the thread as its message. */
export interface SurveyJob {
  readonly pids: Int32Array;
  /** Shared memory: see {@link cell}. */
  readonly cells: Int32Array;
  readonly known: Uint32Array;
  readonly audit: boolean;
  readonly unlisted: boolean;
  /** Where the thread's part of the survey, or what went wrong, is to be sent. */
  readonly answer: MessagePort;
}

/** What a thread sends back: its part, or why it has none. */
export interface SurveyAnswer {
  readonly survey?: Survey;
  readonly refused?: Pick<SyscallError, 'syscall' | 'errno' | 'subject'>;
  readonly error?: string;
}

/** What stands where in the shared memory. */
export const cell = {
  /** The index of the next process that nobody has taken. */
  next: 0,
  /** One of {@link state}. */
  thread: 1,
} as const;

/** How far the thread is. */
export const state = { notStarted: 0, working: 1, done: 2, notWanted: 3 } as const;

/** Calls visit with one process after another, as long as the other thread has left some. */
export function takeTurns(
  { pids, cells }: Pick<SurveyJob, 'pids' | 'cells'>,
  visit: (pid: number, taken: number) => void,
): void {
  for (;;) {
    const index = Atomics.add(cells, cell.next, 1);
    const pid = pids[index];
    if (pid === undefined) return;
    visit(pid, index + 1);
  }
}
