/** What two threads agree upon, so that they look through the processes together. */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';

import { goesOn, tellProgress } from '../../../native-probe/going-on.js';
import type { SocketDump } from '../../../native-probe/sock-diag.js';
import type { Asking, Survey } from '../../../native-probe/survey.js';
import type { SyscallError } from '../../../native-probe/syscall-error.js';

/** A survey that is to be made; given to the second thread as its message. */
export interface SurveyJob {
  /** Shared memory: see {@link cell}. */
  readonly cells: Int32Array;
  /** Undefined when the thread is to find out itself: it answers with a {@link Listing}, and waits to be told how to go on. */
  readonly work: SurveyWork | undefined;
  /** Where the thread is told the {@link SurveyRest}, and sends its part of the survey, or what went wrong. */
  readonly answer: MessagePort;
}

/** Which processes are looked through, and for which sockets. */
export interface SurveyWork {
  readonly pids: Int32Array;
  readonly known: ReadonlyMap<number, number | undefined>;
  readonly asking: Asking;
  readonly unlisted: boolean;
}

/** How a thread goes on after its {@link Listing}. */
export interface SurveyRest extends Pick<SurveyWork, 'asking' | 'unlisted'> {
  /** Sockets of other network namespaces, as {@link SurveyWork.known}. */
  readonly others: SurveyWork['known'];
}

/** All sockets of our network namespace, and the processes that there were after these were listed. */
export interface Listing {
  readonly dump: SocketDump;
  readonly pids: Int32Array;
}

/** What a thread sends back: its part, or why it has none. */
export interface SurveyAnswer {
  readonly survey?: Survey;
  readonly refused?: Pick<SyscallError, 'syscall' | 'errno' | 'subject'>;
  readonly error?: string;
  /** Descriptors for the first thread to close: see takeStrangers(). Absent before any were asked. */
  readonly strangers?: readonly number[];
}

/** What stands where in the shared memory. */
export const cell = {
  /** The index of the next process that nobody has taken. */
  next: 0,
  /** One of {@link state}. */
  thread: 1,
  /** 1 once the thread can know how to go on after its listing. */
  told: 2,
  /** Another number whenever the second thread has gone on. */
  progress: 3,
} as const;

/** How far the thread is. */
export const state = { notStarted: 0, listing: 1, visiting: 2, done: 3, notWanted: 4 } as const;

/** Shared memory for one survey. */
export function newCells(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(16));
}

/**
 * Calls visit with one process after another, as long as the other thread has
 * left some. Leaves out this process, whose descriptors are to be looked at when
 * neither thread holds a duplicate of another process's.
 */
export function takeTurns(pids: Int32Array, cells: Int32Array, visit: (pid: number, taken: number) => void): void {
  for (;;) {
    const index = Atomics.add(cells, cell.next, 1);
    const pid = pids[index];
    if (pid === undefined) return;
    goesOn();
    if (pid !== process.pid) visit(pid, index + 1);
  }
}

/** Whether the second thread has begun. If it has not, it is told not to any more. */
export function isAtWork(cells: Int32Array): boolean {
  return Atomics.compareExchange(cells, cell.thread, state.notStarted, state.notWanted) !== state.notStarted;
}

/** Tells the second thread how to go on with what it has listed. @param answers - the other end of {@link SurveyJob.answer} */
export function tellRest(cells: Int32Array, answers: MessagePort, rest: SurveyRest): void {
  answers.postMessage(rest);
  wake(cells);
}

function wake(cells: Int32Array): void {
  Atomics.store(cells, cell.told, 1);
  Atomics.notify(cells, cell.told);
}

/** Called by the second thread: waits until the first knows. @returns undefined where there is nothing more to do */
export function awaitRest({ cells, answer }: SurveyJob): SurveyRest | undefined {
  Atomics.wait(cells, cell.told, 0);
  return receiveMessageOnPort(answer)?.message as SurveyRest | undefined;
}

/** Called by the second thread to tell how far it is. @param reached - one of {@link state} */
export function tell(cells: Int32Array, reached: number): void {
  Atomics.store(cells, cell.thread, reached);
  Atomics.notify(cells, cell.thread);
}

/** Milliseconds after which is looked whether the second thread has gone on. */
const pause = 50;

/** Waits until the second thread is in another state than this. @param reached - one of {@link state} */
export function awaitMoreThan(reached: number, cells: Int32Array): void {
  let before = Atomics.load(cells, cell.progress);
  while (Atomics.wait(cells, cell.thread, reached, pause) === 'timed-out') {
    const now = Atomics.load(cells, cell.progress);
    if (now !== before) goesOn();
    before = now;
  }
}

/** Called by the second thread, for the first to know whether it goes on. */
export function tellFirst(cells: Int32Array): void {
  tellProgress(() => {
    Atomics.add(cells, cell.progress, 1);
  });
}

/**
 * Leaves nothing for the second thread to do, and waits until it does nothing.
 * A thread that is ended in the middle of a call of the C library takes the
 * whole program with it.
 */
export function stop(cells: Int32Array): void {
  Atomics.store(cells, cell.next, 2 ** 30);
  wake(cells);
  if (!isAtWork(cells)) return;
  awaitMoreThan(state.listing, cells);
  awaitMoreThan(state.visiting, cells);
}
