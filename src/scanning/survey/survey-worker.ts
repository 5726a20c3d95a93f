/** The second thread of a survey: waits for a job, and does its part of it. */
import { parentPort } from 'node:worker_threads';

import { cell, state, type SurveyAnswer, type SurveyJob, tell } from './survey-job.js';

parentPort?.on('message', (job: SurveyJob) => {
  const { cells, work } = job;
  const started = work === undefined ? state.listing : state.visiting;
  if (Atomics.compareExchange(cells, cell.thread, state.notStarted, started) !== state.notStarted) return;
  // Loaded only now that the first thread is sure to wait: else the program might end in the middle of loading
  void import('./survey-part.js').then(
    ({ doPart }) => {
      doPart(job);
    },
    // Without koffi, say: the first thread must not wait for what never comes
    (error: unknown) => {
      job.answer.postMessage({ error: String(error) } satisfies SurveyAnswer);
      tell(cells, state.done);
    },
  );
});
