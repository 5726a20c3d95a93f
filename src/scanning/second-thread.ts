import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';

import type { SurveyJob } from './survey-job.js';
import { newCells } from './survey-job.js';

let second: Worker | undefined;

/** A survey that the second thread began before anybody asked for it. */
export interface BegunSurvey {
  readonly audit: boolean;
  readonly cells: Int32Array;
  readonly answers: MessagePort;
}

let begun: BegunSurvey | undefined;

/**
 * Starts the second thread of a survey before it is needed: it takes a while to
 * come up, in which the first has other things to do.
 *
 * @param program - survey-worker.cjs
 * @param args - of `peerpid scan`, which nobody has looked at yet
 */
export function startSecondThread(program: URL, args: readonly string[]): void {
  // It opens and closes descriptors by koffi, of which Node knows nothing
  second = new Worker(program, { trackUnmanagedFds: false });
  second.unref();
  if (args.every((arg) => plainly.includes(arg))) begun = begin(second, !args.includes('--no-audit'));
}

/** With these alone it is sure what is wanted: every socket of our own network namespace. */
const plainly = ['--audit', '--no-audit', '--json', '--long', '-l', '--explain', '--color', '--no-color'];

function begin(thread: Worker, audit: boolean): BegunSurvey {
  const { port1: answers, port2: answer } = new MessageChannel();
  const job: SurveyJob = { cells: newCells(), work: undefined, audit, unlisted: false, answer };
  thread.postMessage(job, [answer]);
  return { audit, cells: job.cells, answers };
}

/** Undefined where none was started: the first does everything then. */
export function secondThread(): Worker | undefined {
  return second;
}

/** What was begun, once. */
export function takeBegunSurvey(): BegunSurvey | undefined {
  const taken = begun;
  begun = undefined;
  return taken;
}
