import { RecordedAnswers } from '../../../native-probe/bpf/recorded-answers.js';
import { tablesIn } from '../../../native-probe/bpf/recorded-tables.js';
import type { SocketRecords } from '../../../native-probe/bpf/socket-records.js';
import { goesOn } from '../../../native-probe/going-on.js';
import { type KnownSockets, type Survey, Surveyor } from '../../../native-probe/survey.js';
import { closeStrangers } from './strangers.js';
import type { SurveyOptions } from './survey-threads.js';

/**
 * The survey of processes from what a BPF program told, in one thread: processes are only looked at for their names,
 * and sockets asked for what is not in the records.
 *
 * @param pids - the processes that may be looked at: others keep whoever looks waiting
 */
export function surveyRecords(
  records: SocketRecords,
  pids: Iterable<number>,
  known: KnownSockets,
  { asking, unlisted }: Pick<SurveyOptions, 'asking' | 'unlisted'>,
): Survey {
  const surveyor = new Surveyor(known, asking, unlisted);
  const answers = asking === 'nothing' ? undefined : new RecordedAnswers(records);
  const wanted = new Set(pids);
  try {
    for (const table of tablesIn(records)) {
      goesOn();
      if (wanted.has(table.pid)) surveyor.visitRecorded(records, table, answers);
    }
  } finally {
    closeStrangers();
  }
  return surveyor.result();
}
