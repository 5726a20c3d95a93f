/** The second thread of a survey: waits for a job, and does its part of it. */
import { parentPort } from 'node:worker_threads';

import { dumpSockets, inodesIn } from '../../native-probe/sock-diag.js';
import { Surveyor } from '../../native-probe/survey.js';
import {
  cell,
  type Listing,
  processesToVisit,
  state,
  type SurveyJob,
  type SurveyWork,
  takeTurns,
} from './survey-job.js';

parentPort?.on('message', (job: SurveyJob) => {
  const { cells, work, answer } = job;
  const started = work === undefined ? state.listing : state.visiting;
  if (Atomics.compareExchange(cells, cell.thread, state.notStarted, started) !== state.notStarted) return;
  try {
    const { pids, surveyor } = work === undefined ? begin(job) : join(work, job);
    takeTurns(pids, cells, (pid) => {
      surveyor.visit(pid);
    });
    const survey = surveyor.result();
    answer.postMessage({ survey }, [survey.rows.buffer]);
  } catch (error) {
    answer.postMessage({ error: error instanceof Error ? error.stack : String(error) });
  } finally {
    tell(cells, state.done);
  }
});

interface Part {
  readonly pids: Int32Array;
  readonly surveyor: Surveyor;
}

/** The sockets before the processes: what is in the list and has no holder has lost it since, or none may be seen. */
function begin({ cells, audit, unlisted, answer }: SurveyJob): Part {
  const dump = dumpSockets('all');
  const pids = processesToVisit();
  const surveyor = new Surveyor(inodesIn(dump), audit, unlisted);
  surveyor.visit(process.pid);
  const listing: Listing = { dump, pids };
  answer.postMessage(listing, [dump.bytes]);
  tell(cells, state.visiting);
  return { pids, surveyor };
}

function join({ pids, known }: SurveyWork, { audit, unlisted }: SurveyJob): Part {
  return { pids, surveyor: new Surveyor(new Set(known), audit, unlisted) };
}

function tell(cells: Int32Array, reached: number): void {
  Atomics.store(cells, cell.thread, reached);
  Atomics.notify(cells, cell.thread);
}
