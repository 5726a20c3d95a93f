import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';

import { inodesIn } from '../../native-probe/sock-diag.js';
import { type Survey, Surveyor } from '../../native-probe/survey.js';
import { secondThread, takeBegunSurvey } from './second-thread.js';
import { cell, type Listing, newCells, state, type SurveyJob, takeTurns } from './survey-job.js';

/** What is to be surveyed; see {@link Surveyor}. */
export interface SurveyOptions {
  readonly audit: boolean;
  readonly unlisted: boolean;
  /** @param taken - how many of the processes are looked through, or just being so */
  readonly visited?: ((taken: number) => void) | undefined;
}

/** A survey on which the second thread is at work already, and what it is made of. */
export interface SurveyUnderWay extends Listing {
  readonly cells: Int32Array;
  readonly answers: MessagePort;
}

/**
 * The survey of all sockets of our network namespace that the second thread
 * began when the program was started. Waits until it has listed the sockets.
 *
 * @returns undefined when there is none, it is another one, it comes too late, or it failed
 */
export function surveyUnderWay(audit: boolean): SurveyUnderWay | undefined {
  const begun = takeBegunSurvey();
  if (begun === undefined) return undefined;
  const { cells, answers } = begun;
  const wanted = begun.audit === audit && isAtWork(cells);
  if (wanted) Atomics.wait(cells, cell.thread, state.listing);
  const message = wanted ? (receiveMessageOnPort(answers)?.message as Partial<Listing>) : {};
  if (message.dump !== undefined && message.pids !== undefined) {
    return { dump: message.dump, pids: message.pids, cells, answers };
  }
  answers.close();
  return undefined;
}

/** The part of each thread in a survey that is under way: the first thread joins in. */
export function joinSurvey({ dump, pids, cells, answers }: SurveyUnderWay, options: SurveyOptions): Survey[] {
  return finish(new Surveyor(inodesIn(dump), options.audit, options.unlisted), { pids, cells, answers }, options);
}

/**
 * Surveys processes, with the help of the second thread if there is one and it
 * is up in time. Nearly all of the time is spent in system calls, which the
 * kernel does for both at once.
 *
 * @param pids - {@link processesToVisit}
 * @param known - the inode numbers of the sockets that are to be found
 * @returns the part of each thread
 */
export function surveyProcesses(pids: Int32Array, known: Uint32Array, options: SurveyOptions): Survey[] {
  const surveyor = new Surveyor(new Set(known), options.audit, options.unlisted);
  surveyor.visit(process.pid);
  const cells = newCells();
  const { port1: answers, port2: answer } = new MessageChannel();
  const job: SurveyJob = { cells, work: { pids, known }, audit: options.audit, unlisted: options.unlisted, answer };
  secondThread()?.postMessage(job, [answer]);
  return finish(surveyor, { pids, cells, answers }, options);
}

function finish(
  surveyor: Surveyor,
  { pids, cells, answers }: Omit<SurveyUnderWay, 'dump'>,
  { visited }: SurveyOptions,
): Survey[] {
  try {
    takeTurns(pids, cells, (pid, taken) => {
      surveyor.visit(pid);
      visited?.(taken);
    });
    const mine = surveyor.result();
    return isAtWork(cells) ? [mine, partOfSecond(cells, answers)] : [mine];
  } finally {
    answers.close();
  }
}

/** Whether the second thread has begun; if not it need not any more. */
function isAtWork(cells: Int32Array): boolean {
  return Atomics.compareExchange(cells, cell.thread, state.notStarted, state.notWanted) !== state.notStarted;
}

function partOfSecond(cells: Int32Array, answers: MessagePort): Survey {
  Atomics.wait(cells, cell.thread, state.visiting);
  const { survey, error } = receiveMessageOnPort(answers)?.message as { survey?: Survey; error?: string };
  if (survey === undefined) throw new Error(`the second thread failed: ${error ?? 'no reason given'}`);
  return survey;
}
