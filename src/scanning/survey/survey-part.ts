import { cookiesIn, dumpSockets } from '../../../native-probe/sock-diag.js';
import { takeStrangers } from '../../../native-probe/socket-answers.js';
import { Surveyor } from '../../../native-probe/survey.js';
import { SyscallError } from '../../../native-probe/syscall-error.js';
import { processesToVisit } from './processes-to-visit.js';
import {
  awaitRest,
  type Listing,
  state,
  type SurveyAnswer,
  type SurveyJob,
  type SurveyRest,
  type SurveyWork,
  takeTurns,
  tell,
  tellFirst,
} from './survey-job.js';

/** The second thread's part of a survey. */
export function doPart(job: SurveyJob): void {
  const { cells, work, answer } = job;
  tellFirst(cells);
  try {
    const { pids, known, asking, unlisted } = work ?? list(job);
    const surveyor = new Surveyor(known, asking, unlisted);
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
function list(job: SurveyJob): SurveyWork {
  const { cells, answer } = job;
  const dump = dumpSockets('all');
  const known = cookiesIn(dump);
  const pids = processesToVisit();
  const listing: Listing = { dump, pids };
  answer.postMessage(listing, [dump.bytes]);
  tell(cells, state.visiting);
  const { others = new Map<number, number | undefined>(), ...rest } = awaitRest(job) ?? nothingMore;
  return { pids, known: others.size === 0 ? known : new Map([...known, ...others]), ...rest };
}

const nothingMore: Partial<SurveyRest> & Omit<SurveyRest, 'others'> = { asking: 'nothing', unlisted: false };

/** An error as plain data: postMessage() does not keep classes of our own. */
function whyNot(error: unknown): SurveyAnswer {
  if (!(error instanceof SyscallError)) return { error: error instanceof Error ? error.stack : String(error) };
  const { syscall, errno, subject } = error;
  return { refused: { syscall, errno, subject } };
}
