import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';

import { type Survey, Surveyor } from '../../native-probe/survey.js';
import { SyscallError } from '../../native-probe/syscall-error.js';
import { secondThread } from './second-thread.js';
import { cell, state, type SurveyAnswer, type SurveyJob, takeTurns } from './survey-job.js';

/** What is to be surveyed; see {@link Surveyor}. */
export interface SurveyOptions {
  readonly known: Iterable<number>;
  readonly audit: boolean;
  readonly unlisted: boolean;
  /** @param taken - how many of the processes are looked through, or just being so */
  readonly visited?: ((taken: number) => void) | undefined;
}

/**
 * Surveys processes, with the help of the second thread if there is one and it
 * is up in time. Nearly all of the time is spent in system calls, which the
 * kernel does for both at once.
 *
 * @returns the part of each thread
 */
export function surveyProcesses(pids: readonly number[], options: SurveyOptions): Survey[] {
  const { known, audit, unlisted, visited } = options;
  const inodes = Uint32Array.from(known);
  // Our own descriptors are looked at when neither thread has a duplicate of another's among them
  const others = pids.filter((pid) => pid !== process.pid);
  const shared = { pids: Int32Array.from(others), cells: new Int32Array(new SharedArrayBuffer(8)) };
  const { port1: here, port2: answer } = new MessageChannel();
  const job: SurveyJob = { ...shared, known: inodes, audit, unlisted, answer };
  const second = secondThread();
  second?.postMessage(job, [answer]);
  const surveyor = new Surveyor(new Set(inodes), audit, unlisted);
  try {
    takeTurns(shared, (pid, taken) => {
      surveyor.visit(pid);
      visited?.(taken);
    });
    const theirs = second === undefined ? undefined : partOfSecond(shared.cells, here);
    if (others.length < pids.length) surveyor.visit(process.pid);
    const mine = surveyor.result();
    return theirs === undefined ? [mine] : [mine, theirs];
  } catch (error) {
    // Node must not end while the thread is at work
    Atomics.store(shared.cells, cell.next, others.length);
    Atomics.compareExchange(shared.cells, cell.thread, state.notStarted, state.notWanted);
    Atomics.wait(shared.cells, cell.thread, state.working);
    throw error;
  } finally {
    here.close();
  }
}

/** @returns undefined when the second thread came too late to do anything */
function partOfSecond(cells: Int32Array, port: MessageChannel['port1']): Survey | undefined {
  if (Atomics.compareExchange(cells, cell.thread, state.notStarted, state.notWanted) === state.notStarted) {
    return undefined;
  }
  Atomics.wait(cells, cell.thread, state.working);
  const { survey, refused, error } = receiveMessageOnPort(port)?.message as SurveyAnswer;
  if (refused !== undefined) throw new SyscallError(refused.syscall, refused.errno, refused.subject);
  if (survey === undefined) throw new Error(`the second thread failed: ${error ?? 'no reason given'}`);
  return survey;
}
