import type { ProcAny } from '../identity/proc-facts.js';
import type { ProcessFacts } from '../identity/process-facts.js';
import { capitalised } from '../words/capitalised.js';
import { counted } from '../words/counted.js';
import { valueOf } from '../words/reading.js';
import { type Finding, finding } from './finding.js';

/**
 * The finding about a process that has not ended and does not go on, or not as a whole.
 *
 * @param who - names the process; by default the peer, `it`
 */
export function ofActivity({ state, proc }: ProcessFacts<ProcAny>, who = 'it'): Finding[] {
  const activity = valueOf(proc?.activity);
  if (state !== 'running' || activity === undefined) return [];
  const subject = capitalised(who);
  const firstThread = who === 'it' ? 'its first thread' : `the first thread of ${who}`;
  const threads = valueOf(proc?.stat)?.threads ?? 1;
  const others = threads > 1 ? `, and ${counted(threads - 1, 'other has', 'others have')} not ended` : '';
  switch (activity) {
    case 'stopped':
      return suspended(`${subject} was stopped by a signal (SIGSTOP, or one from the terminal), until it gets SIGCONT`);
    case 'traced':
      return suspended(
        `${threads > 1 ? capitalised(firstThread) : subject} is held by ${tracerText(proc)}, until the tracer lets it continue`,
      );
    case 'frozen':
      return suspended(`${subject} is frozen with its cgroup, like a paused container, until the cgroup is thawed`);
    case 'ending':
      return [finding('ending', 'warning', `${subject} is ending: its first thread is in _exit(2)${others}.`)];
    case 'first-thread-ended':
      return [finding('ending', 'info', `${capitalised(firstThread)} has ended${others}.`)];
  }
}

function suspended(text: string): Finding[] {
  return [finding('suspended', 'warning', `${text}: it reads and answers nothing until then.`)];
}

function tracerText(proc: ProcAny | undefined): string {
  const tracer = valueOf(proc?.status)?.tracer ?? 0;
  return tracer === 0 ? 'its tracer' : `its tracer, process ${tracer}`;
}
