import { cookiesIn, dumpSockets } from '../../../native-probe/sock-diag.js';
import { takeStrangers } from '../../../native-probe/socket-answers.js';
import { type KnownSockets, Surveyor } from '../../../native-probe/survey.js';
import { SyscallError } from '../../../native-probe/syscall-error.js';
import { processesToVisit } from './processes-to-visit.js';
import {
  awaitAsking,
  type Listing,
  state,
  type SurveyAnswer,
  type SurveyJob,
  takeTurns,
  tell,
  tellFirst,
} from './survey-job.js';

/** The second thread's part of a survey. */
export function doPart(job: SurveyJob): void {
  const { cells, work, answer } = job;
  tellFirst(cells);
  try {
    const { pids, known } = work === undefined ? list(job) : { pids: work.pids, known: work.known };
    const surveyor = new Surveyor(known, work?.asking ?? awaitAsking(cells), work?.unlisted ?? false);
    takeTurns(pids, cells, (pid) => {
      surveyor.visit(pid);
    });
    const survey = surveyor.result();
    answer.postMessage({ survey, strangers: takeStrangers() } satisfies SurveyAnswer, [survey.rows.buffer]);
  } catch (error) {
    answer.postMessage({ ...whyNot(error), strangers: takeStrangers() } satisfies SurveyAnswer);
  } finally {
    tell(cells, state.done);
  }
}

/** Lists sockets before processes: a listed socket without a holder has lost its last since, or none may be seen. */
function list({ cells, answer }: SurveyJob): { pids: Int32Array; known: KnownSockets } {
  const dump = dumpSockets('all');
  const known = cookiesIn(dump);
  const pids = processesToVisit();
  const listing: Listing = { dump, pids };
  answer.postMessage(listing, [dump.bytes]);
  tell(cells, state.visiting);
  return { pids, known };
}

/** An error as plain data: postMessage() does not keep classes of our own. */
function whyNot(error: unknown): SurveyAnswer {
  if (!(error instanceof SyscallError)) return { error: error instanceof Error ? error.stack : String(error) };
  const { syscall, errno, subject } = error;
  return { refused: { syscall, errno, subject } };
}
