import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';

import { type Asking, type KnownSockets, type Survey, Surveyor } from '../../../native-probe/survey.js';
import { SyscallError } from '../../../native-probe/syscall-error.js';
import { type BegunSurvey, secondThread, takeBegunSurvey } from './second-thread.js';
import { closeStrangers } from './strangers.js';
import {
  awaitMoreThan,
  isAtWork,
  type Listing,
  newCells,
  state,
  stop,
  type SurveyAnswer,
  type SurveyJob,
  takeTurns,
  type SurveyRest,
  tellRest,
} from './survey-job.js';

/** What is to be surveyed; see {@link Surveyor}. */
export interface SurveyOptions {
  readonly asking: Asking;
  readonly unlisted: boolean;
  /** @param taken - how many of the processes either thread has taken so far */
  readonly visited?: ((taken: number) => void) | undefined;
}

/** A survey that the second thread has begun, and what it is made of. It waits to be told how to go on. */
export interface SurveyUnderWay extends Listing, BegunSurvey {}

/**
 * The survey of all sockets of our network namespace that the second thread
 * began when the program was started. Waits until it has listed the sockets.
 *
 * @returns undefined when none was begun, it has not started in time, or it failed
 */
export function surveyUnderWay(): SurveyUnderWay | undefined {
  const begun = takeBegunSurvey();
  if (begun === undefined) return undefined;
  const { cells, answers } = begun;
  if (isAtWork(cells)) {
    awaitMoreThan(state.listing, cells);
    const { dump, pids } = receiveMessageOnPort(answers)?.message as Partial<Listing>;
    if (dump !== undefined && pids !== undefined) return { dump, pids, cells, answers };
  }
  end(begun);
  return undefined;
}

function end({ cells, answers }: BegunSurvey): void {
  stop(cells);
  answers.close();
}

/**
 * Joins in a survey that is under way.
 *
 * @param known - the listed sockets
 * @param others - those of them that are not in the survey's own list
 * @returns the part of each thread
 */
export function joinSurvey(
  underWay: SurveyUnderWay,
  known: KnownSockets,
  others: SurveyRest['others'],
  options: SurveyOptions,
): Survey[] {
  const { asking, unlisted } = options;
  tellRest(underWay.cells, underWay.answers, { asking, unlisted, others });
  return finish(known, underWay, options);
}

/**
 * Surveys processes, with the help of the second thread if there is one and it
 * is up in time. Nearly all of the time is spent in system calls, which the
 * kernel does for both at once.
 *
 * @param known - the cookies of the sockets that are to be found, by their inode numbers
 * @returns the part of each thread
 */
export function surveyProcesses(
  pids: Int32Array,
  known: ReadonlyMap<number, number | undefined>,
  options: SurveyOptions,
): Survey[] {
  const cells = newCells();
  const { port1: answers, port2: answer } = new MessageChannel();
  const { asking, unlisted } = options;
  const job: SurveyJob = { cells, work: { pids, known, asking, unlisted }, answer };
  secondThread()?.postMessage(job, [answer]);
  return finish(known, { pids, cells, answers }, options);
}

function finish(
  known: KnownSockets,
  { pids, cells, answers }: Omit<SurveyUnderWay, 'dump'>,
  { asking, unlisted, visited }: SurveyOptions,
): Survey[] {
  try {
    const surveyor = new Surveyor(known, asking, unlisted);
    takeTurns(pids, cells, (pid, taken) => {
      surveyor.visit(pid);
      visited?.(taken);
    });
    const theirs = isAtWork(cells) ? partOfSecond(cells, answers) : undefined;
    if (pids.includes(process.pid)) surveyor.visit(process.pid);
    const mine = surveyor.result();
    return theirs === undefined ? [mine] : [mine, theirs];
  } finally {
    stop(cells);
    answers.close();
    closeStrangers();
  }
}

function partOfSecond(cells: Int32Array, answers: MessagePort): Survey {
  awaitMoreThan(state.visiting, cells);
  const { survey, refused, error, strangers = [] } = receiveMessageOnPort(answers)?.message as SurveyAnswer;
  closeStrangers(strangers);
  if (refused !== undefined) throw new SyscallError(refused.syscall, refused.errno, refused.subject);
  if (survey === undefined) throw new Error(`the second thread failed: ${error ?? 'no reason given'}`);
  return survey;
}
