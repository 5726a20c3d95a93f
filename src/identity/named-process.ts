import { constants } from 'node:os';

import { openPidfdIfThere, openThreadPidfd } from '../../native-probe/pidfd.js';
import { processExists, processStatus } from '../../native-probe/proc/process.js';
import { procIsOurs } from '../../native-probe/proc/system.js';
import { Refused } from '../../native-probe/syscall-error.js';
import type { Witness } from '../words/evidence.js';
import { type Reading, valueOf } from '../words/reading.js';
import { PinnedProcess } from './pinned-process.js';
import type { ProcBrief, ProcRequest } from './proc-facts.js';
import { factsFromProc, factsOfUnseen, type ProcessFacts, processFactsOf } from './process-facts.js';

/** Who has a number now. */
export interface NamedProcess<Proc extends ProcBrief = ProcBrief> {
  /** Undefined when nobody has it. */
  readonly facts: ProcessFacts<Proc> | undefined;
  /** The pidfd id of the number, opened afresh with pidfd_open(2), which some sandboxes refuse. */
  readonly opened: Reading<bigint | undefined>;
}

/** How many looks at a number that changes hands meanwhile, before no more is said than that somebody has it. */
const mostLooks = 8;

/** Opens whoever has a number now: a process, or a thread, whose number /proc/PID takes too. pidfd_open(2) */
export function openNumber(pid: number, witness: Witness): Reading<PinnedProcess> {
  return witness.ask(
    () => {
      const opened = openPidfdIfThere(pid);
      if (!(opened instanceof Refused)) return new PinnedProcess(opened);
      const isThreads = opened.errno === constants.errno.EINVAL || opened.errno === constants.errno.ENOENT;
      return isThreads ? new PinnedProcess(openThreadPidfd(pid)) : opened;
    },
    {
      call: () => `pidfd_open(${pid}, 0)`,
      answer: (opened) => `${opened.pidfd.number}, pidfd id ${opened.id ?? 'none (before Linux 6.9)'}`,
      concluded: () => `this process has PID ${pid} now; by itself that proves nothing about the peer`,
      refused: (code) => (code === 'ESRCH' ? `nobody has PID ${pid} now` : undefined),
    },
  );
}

/** Looks at whoever has a number, who is not the pinned process. @param request - what of /proc is wanted */
export function lookAtNumber<Proc extends ProcBrief>(
  pid: number,
  request: ProcRequest<Proc>,
  witness: Witness,
): NamedProcess<Proc> {
  let opened: Reading<bigint | undefined> = { value: undefined };
  for (let looks = 0; looks < mostLooks; looks++) {
    const reference = openNumber(pid, witness);
    if ('error' in reference) {
      const facts = reference.error.code === 'ESRCH' ? undefined : lookWithoutPin(pid, request, witness);
      return { facts, opened: reference };
    }
    using process = reference.value;
    opened = { value: process.id };
    const sighting = process.look();
    // The process had the number when it was opened, and has it until it is reaped, even where nothing else tells it
    if (sighting.state === 'exited' || (sighting.pid ?? pid) !== pid) continue;
    const facts = processFactsOf(process, { ...sighting, pid }, request);
    if (facts !== undefined) return { facts, opened };
  }
  return { facts: factsOfUnseen(pid), opened };
}

/** Where pidfd_open(2) is refused, /proc is read as every program did before there were pidfds. */
function lookWithoutPin<Proc extends ProcBrief>(
  pid: number,
  request: ProcRequest<Proc>,
  witness: Witness,
): ProcessFacts<Proc> | undefined {
  const seen = procIsOurs() === true ? factsInProc(pid, request, witness) : undefined;
  if (seen !== undefined) return seen;
  // kill(2) also knows those whom /proc hides
  const exists = witness.ask(() => processExists(pid), {
    call: () => `kill(${pid}, 0)`,
    answer: (there) => (there ? '0 or EPERM' : 'ESRCH'),
    concluded: (there) => (there ? 'some process has this PID, and no more can be known' : `nobody has PID ${pid}`),
  });
  return valueOf(exists) === false ? undefined : factsOfUnseen(pid);
}

/** Undefined when /proc shows nobody by the number, or hides who has it. */
function factsInProc<Proc extends ProcBrief>(
  pid: number,
  request: ProcRequest<Proc>,
  witness: Witness,
): ProcessFacts<Proc> | undefined {
  const status = witness.ask(() => processStatus(pid), {
    call: () => `read /proc/${pid}/status`,
    answer: () => 'there is such a process',
    concluded: () => 'what /proc says of the PID cannot be tied to one process here',
  });
  const state = valueOf(status)?.state;
  if (state === undefined) return undefined;
  return factsFromProc(pid, undefined, state === 'Z' ? 'zombie' : 'running', request(pid));
}
