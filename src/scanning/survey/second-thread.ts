import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';

import type { Asking } from '../../../native-probe/survey.js';
import { newCells, stop, type SurveyJob } from './survey-job.js';

/** The second thread, and what it may be at work on already. */
export interface SecondThread {
  readonly worker: Worker;
  readonly begun: BegunSurvey | undefined;
}

/** A survey that the second thread began before anybody asked for it. */
export interface BegunSurvey {
  readonly asking: Asking;
  readonly cells: Int32Array;
  readonly answers: MessagePort;
}

/**
 * Starts the second thread of a survey before it is needed: it takes a while to
 * come up, in which the first has other things to do.
 *
 * @param program - survey-worker.cjs
 * @param args - of `peerpid scan`, which nobody has looked at yet
 * @returns undefined where there are too many threads already: the first does everything then
 */
export function startSecondThread(program: URL, args: readonly string[]): SecondThread | undefined {
  const worker = newWorker(program);
  if (worker === undefined) return undefined;
  worker.unref();
  // Such as no memory for it: the first thread then does everything
  worker.on('error', () => undefined);
  const isPlain = args.every((arg) => plainly.includes(arg));
  return { worker, begun: isPlain ? begin(worker, askingOf(args)) : undefined };
}

function newWorker(program: URL): Worker | undefined {
  try {
    // It opens and closes descriptors by koffi, of which Node knows nothing
    return new Worker(program, { trackUnmanagedFds: false });
  } catch (error) {
    // pthread_create(3): EAGAIN
    if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_INIT_FAILED') return undefined;
    throw error;
  }
}

/** Where only these flags are given, every socket of our own network namespace is wanted for certain. */
const plainly = ['--audit', '--no-audit', '--json', '--long', '-l', '--explain', '--color', '--no-color'];

function askingOf(args: readonly string[]): Asking {
  if (args.includes('--no-audit')) return 'nothing';
  return args.includes('--json') ? 'details' : 'peer';
}

function begin(worker: Worker, asking: Asking): BegunSurvey {
  const { port1: answers, port2: answer } = new MessageChannel();
  const job: SurveyJob = { cells: newCells(), work: undefined, asking, unlisted: false, answer };
  worker.postMessage(job, [answer]);
  // Also where the first thread ends by an error
  process.once('exit', () => {
    stop(job.cells);
  });
  return { asking, cells: job.cells, answers };
}

let second: SecondThread | undefined;

/** Has surveys made with the help of a thread. Without one the first thread does everything. */
export function useSecondThread(thread: SecondThread): void {
  second = thread;
}

/** The second thread; undefined where there is none. */
export function secondThread(): Worker | undefined {
  return second?.worker;
}

/** The survey that was begun early: undefined where there is none, and from the second call on. */
export function takeBegunSurvey(): BegunSurvey | undefined {
  const begun = second?.begun;
  if (second !== undefined) second = { ...second, begun: undefined };
  return begun;
}
