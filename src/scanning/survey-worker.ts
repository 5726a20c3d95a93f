/** The second thread of a survey: waits for a job, and does its part of it. */
import { parentPort, workerData } from 'node:worker_threads';

import { SyscallError } from '../../native-probe/syscall-error.js';
import { Surveyor } from '../../native-probe/survey.js';
import type { SecondThreadData } from './second-thread.js';
import { cell, state, type SurveyJob, takeTurns } from './survey-job.js';

parentPort?.on('message', (job: SurveyJob) => {
  const { cells, known, audit, unlisted, answer } = job;
  if (Atomics.compareExchange(cells, cell.thread, state.notStarted, state.working) !== state.notStarted) return;
  try {
    const surveyor = new Surveyor(new Set(known), audit, unlisted);
    takeTurns(job, (pid) => {
      surveyor.visit(pid);
    });
    const survey = surveyor.result();
    answer.postMessage({ survey }, [survey.rows.buffer]);
  } catch (error) {
    // An error of a class of our own does not come through as one
    if (error instanceof SyscallError) {
      const { syscall, errno, subject } = error;
      answer.postMessage({ refused: { syscall, errno, subject } });
    } else answer.postMessage({ error: error instanceof Error ? error.stack : String(error) });
  } finally {
    Atomics.store(cells, cell.thread, state.done);
    Atomics.notify(cells, cell.thread);
  }
});

const { loaded } = workerData as SecondThreadData;
Atomics.store(loaded, 0, 1);
Atomics.notify(loaded, 0);
