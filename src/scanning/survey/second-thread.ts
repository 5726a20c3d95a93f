import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';

import { isSingleExecutable, readProgramFile } from '../../../native-probe/program-files.js';
import { newCells, stop, type SurveyJob } from './survey-job.js';

/** The second thread, and what it may be at work on already. */
export interface SecondThread {
  readonly worker: Worker;
  readonly begun: BegunSurvey | undefined;
}

/** A survey that the second thread began before anybody asked for it. */
export interface BegunSurvey {
  readonly cells: Int32Array;
  readonly answers: MessagePort;
}

/**
 * Starts the second thread of a survey before it is needed: it takes a while to
 * come up, in which the first has other things to do.
 *
 * @param program - survey-worker.cjs
 * @returns undefined where there are too many threads already: the first does everything then
 */
export function startSecondThread(program: string): SecondThread | undefined {
  const worker = startedWorker(program);
  return worker && { worker, begun: begin(worker) };
}

function startedWorker(program: string): Worker | undefined {
  const worker = newWorker(program);
  worker?.unref();
  // Such as no memory for it: the first thread then does everything
  worker?.on('error', () => undefined);
  return worker;
}

function newWorker(program: string): Worker | undefined {
  try {
    // It opens and closes descriptors by koffi, of which Node knows nothing
    const options = { trackUnmanagedFds: false };
    if (isSingleExecutable())
      return new Worker(readProgramFile(program).toString('latin1'), { ...options, eval: true });
    return new Worker(program, options);
  } catch (error) {
    // pthread_create(3): EAGAIN
    if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_INIT_FAILED') return undefined;
    throw error;
  }
}

/** With the lists, which depend on no flag. */
function begin(worker: Worker): BegunSurvey {
  const { port1: answers, port2: answer } = new MessageChannel();
  const job: SurveyJob = { cells: newCells(), work: undefined, answer };
  worker.postMessage(job, [answer]);
  // Also where the first thread ends by an error
  process.once('exit', () => {
    stop(job.cells);
  });
  return { cells: job.cells, answers };
}

let second: SecondThread | undefined;
let programToStart: string | undefined;

/** Has surveys made with the help of a thread. Without one the first thread does everything. */
export function useSecondThread(thread: SecondThread): void {
  second = thread;
}

/** The same, but the thread is only started where there is something for it to do. @param program - survey-worker.cjs */
export function startSecondThreadLater(program: string): void {
  programToStart = program;
}

/** The second thread; undefined where there is none. */
export function secondThread(): Worker | undefined {
  if (second === undefined && programToStart !== undefined) {
    const worker = startedWorker(programToStart);
    second = worker && { worker, begun: undefined };
    programToStart = undefined;
  }
  return second?.worker;
}

/** The survey that was begun early: undefined where there is none, and from the second call on. */
export function takeBegunSurvey(): BegunSurvey | undefined {
  const begun = second?.begun;
  if (second !== undefined) second = { ...second, begun: undefined };
  return begun;
}
