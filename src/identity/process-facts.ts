import { cgroupOfId } from '../../native-probe/cgroup.js';
import type { Namespaces } from '../../native-probe/namespaces.js';
import type { threadIdsOf } from '../../native-probe/proc/thread-ids.js';
import { type Ids, pidfdNamespaces } from '../../native-probe/pidfd.js';
import { mapReading, type Reading, reading, valueOf } from '../words/reading.js';
import type { PinnedProcess, ProcessState, Sighting } from './pinned-process.js';
import type { ProcBrief, ProcRequest } from './proc-facts.js';
import { type ExitStatus, exitStatusOf } from './wait-status.js';

/** One column of the table: a process, and all that could be learnt of it. */
export interface ProcessFacts<Proc extends ProcBrief = ProcBrief> {
  /** As {@link Sighting.pid}: 0 outside our PID namespace, undefined when the process has no number any more. */
  readonly pid: number | undefined;
  readonly pidfdId: bigint | undefined;
  readonly state: ProcessState;
  /** Undefined while the process runs, and where the kernel does not tell. */
  readonly exitStatus: ExitStatus | undefined;
  /** What /proc says; undefined of a process that it does not show. */
  readonly proc: Proc | undefined;
  /** Null when the process is in no cgroup that can be seen. */
  readonly cgroup: Reading<Buffer | null>;
  readonly namespaces: Reading<Namespaces>;
  /** What PIDFD_GET_INFO tells to anybody, where /proc does not: it hides the process, or is not there. */
  readonly idsByPidfd?: IdsByPidfd | undefined;
  /** Its threads' own ids, where they were looked at: only where the credential has ids that its first thread has not. */
  readonly threadIds?: Reading<ReturnType<typeof threadIdsOf>>;
  /** The process that the number is only a thread of; undefined for a process's own number. */
  readonly threadOf: number | undefined;
}

/** The real, effective, saved and file system ids of a process. */
export interface IdsByPidfd {
  readonly uids: Ids;
  readonly gids: Ids;
}

const untold = { error: { syscall: 'neither /proc nor the pidfd shows it', code: 'ENODATA' } } as const;

/**
 * What can be learnt of a pinned process.
 *
 * @param request - what of /proc is wanted
 * @returns undefined when it lost its number while being read: what was read
 * may be another process's, so it is thrown away and the caller looks again
 */
export function processFactsOf<Proc extends ProcBrief>(
  process: PinnedProcess,
  sighting: Sighting,
  request: ProcRequest<Proc>,
): ProcessFacts<Proc> | undefined {
  const { pid, state } = sighting;
  const shown = pid === undefined || pid === 0 ? undefined : process.numberInProc(pid);
  if (pid === undefined || shown === undefined) return factsByPidfd(process, sighting);
  const proc = request(shown);
  if (!process.stillHas(pid)) return undefined;
  const read = factsFromProc(pid, process.id, state, proc);
  const facts = 'error' in proc.status ? { ...read, idsByPidfd: idsFrom(sighting) } : read;
  // Another PID namespace's /proc tells the thread group by a number of its own
  return shown === pid ? facts : { ...facts, threadOf: undefined };
}

/** What the pidfd itself tells, where /proc does not show the process, or shows another one under its number. */
function factsByPidfd(process: PinnedProcess, { pid, state, info }: Sighting): ProcessFacts<never> {
  const waitStatus = valueOf(info)?.waitStatus;
  return {
    pid,
    pidfdId: process.id,
    state,
    exitStatus: waitStatus === undefined ? undefined : exitStatusOf(waitStatus),
    proc: undefined,
    idsByPidfd: idsFrom({ info }),
    cgroup: 'error' in info ? info : cgroupById(info.value.cgroupId),
    namespaces: reading(() => pidfdNamespaces(process.pidfd)),
    threadOf: undefined,
  };
}

function idsFrom({ info }: Pick<Sighting, 'info'>): IdsByPidfd | undefined {
  const { uids, gids } = valueOf(info) ?? {};
  return uids === undefined || gids === undefined ? undefined : { uids, gids };
}

/** The facts of a process of which only the number can be known. */
export function factsOfUnseen(pid: number): ProcessFacts<never> {
  return {
    pid,
    pidfdId: undefined,
    state: 'running',
    exitStatus: undefined,
    proc: undefined,
    cgroup: untold,
    namespaces: untold,
    threadOf: undefined,
  };
}

/** The facts of a process from what /proc says, where that is known to be about this process. */
export function factsFromProc<Proc extends ProcBrief>(
  pid: number,
  pidfdId: bigint | undefined,
  state: ProcessState,
  proc: Proc,
): ProcessFacts<Proc> {
  const threadGroup = valueOf(proc.status)?.threadGroup;
  return {
    pid,
    pidfdId,
    state,
    exitStatus: state === 'zombie' ? exitStatusOfZombie(proc) : undefined,
    proc,
    cgroup: mapReading(proc.cgroup, (path) => path ?? null),
    namespaces: proc.namespaces,
    threadOf: threadGroup === pid ? undefined : threadGroup,
  };
}

/** The cgroup's path by its id: the kernel tells the id of a reaped process too, whose cgroup may still be there. */
function cgroupById(id: bigint | undefined): Reading<Buffer | null> {
  if (id === undefined) return { error: { syscall: 'ioctl(PIDFD_GET_INFO) gave no cgroup id', code: 'ENODATA' } };
  const path = reading(() => cgroupOfId(id));
  if ('error' in path || path.value !== undefined) return mapReading(path, (found) => found ?? null);
  return { error: { syscall: `cgroup ${id} is not below the cgroup2 mount any more`, code: 'ENOENT' } };
}

function exitStatusOfZombie(facts: ProcBrief): ExitStatus | undefined {
  const status = valueOf(facts.stat)?.waitStatus;
  // The kernel writes 0 for readers without PTRACE_MODE_READ_FSCREDS, to whom it shows no namespaces either
  if (status === undefined || (status === 0 && 'error' in facts.namespaces)) return undefined;
  return exitStatusOf(status);
}
