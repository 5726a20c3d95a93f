/** The second thread of a survey: waits for a job, and does its part of it. */
import { parentPort } from 'node:worker_threads';

import { cell, state, type SurveyAnswer, type SurveyJob, tell } from './survey-job.js';

parentPort?.on('message', (job: SurveyJob) => {
  const { cells, work } = job;
  const started = work === undefined ? state.listing : state.visiting;
  if (Atomics.compareExchange(cells, cell.thread, state.notStarted, started) !== state.notStarted) return;
  // Not before it is sure that the first thread waits for the end: it may be over in the middle of loading this
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
