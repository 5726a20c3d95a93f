import type { ProcessFacts } from '../identity/process-facts.js';
import { valueOf } from '../words/reading.js';
import { textOf } from '../words/text.js';
import { describeCgroup } from './describe-cgroup.js';
import type { ProcessBrief } from './scan-document.js';
import { present } from './unavailable.js';

/** What a row of a scan says of a process. */
export function describeBrief({ pid, pidfdId, state, exitStatus, proc, cgroup }: ProcessFacts): ProcessBrief {
  const comm = valueOf(proc?.stat)?.comm;
  const { unit, container } = describeCgroup(cgroup, (_, read) => valueOf(read));
  return {
    ...present({ pid, pidfdId: pidfdId === undefined ? undefined : Number(pidfdId) }),
    state,
    ...present({ activity: state === 'running' ? valueOf(proc?.activity) : undefined }),
    exitStatus: exitStatus ?? null,
    ...present({ comm: comm && textOf(comm), unit, container }),
  };
}
