import type { Fd } from '../../native-probe/fd.js';
import type { Credential } from '../../native-probe/peer-credential.js';
import { threadIdsOf } from '../../native-probe/proc/thread-ids.js';
import type { Witness } from '../words/evidence.js';
import { mapReading, type Reading, reading, valueOf } from '../words/reading.js';
import { lookAtNumber, type NamedProcess, openNumber } from './named-process.js';
import { PinnedProcess, type Sighting } from './pinned-process.js';
import type { ProcBrief, ProcRequest } from './proc-facts.js';
import { type ProcessFacts, processFactsOf } from './process-facts.js';

/** A credential and a kernel-given pidfd, and the processes behind the two. @typeParam Proc - what was asked of /proc */
export interface IdentityFacts<Proc extends ProcBrief = ProcBrief> {
  /** Undefined inside when the kernel has no credential. */
  readonly credential: Reading<Credential | undefined>;
  /** Who has the credential's pid now; undefined when there is no pid to ask about. */
  readonly named: NamedProcess<Proc> | undefined;
  /** The process that the kernel-given pidfd pins. */
  readonly pinned: Reading<ProcessFacts<Proc>>;
  /** Whether the number and the pidfd mean one process; undefined when nothing here can tell. */
  readonly same: boolean | undefined;
  /** The kernel refused the pidfd since the process is reaped: Linux 6.5 to 6.15, for messages to 6.16. */
  readonly refusedAsEnded: boolean;
}

/** Facts, and the pidfd that pinned the process while they were read. */
export interface Pinned<T> extends Disposable {
  readonly facts: T;
  /** Keeps the process pinned and tells when it ends; undefined where the kernel gave no pidfd. */
  readonly pin: PinnedProcess | undefined;
}

/** Facts that are disposed of with their pidfd. */
export class PinnedFacts<T> implements Pinned<T> {
  constructor(
    readonly facts: T,
    readonly pin: PinnedProcess | undefined,
  ) {}

  [Symbol.dispose](): void {
    this.pin?.[Symbol.dispose]();
  }
}

/**
 * Finds the processes behind a credential and the pidfd that the kernel gave with it.
 *
 * @param pidfd - owned by what is returned
 * @param request - what of /proc is wanted of both
 */
export function identify<Proc extends ProcBrief>(
  credential: Reading<Credential | undefined>,
  pidfd: Reading<Fd>,
  refusedAsEnded: boolean,
  request: ProcRequest<Proc>,
  witness: Witness,
): Pinned<IdentityFacts<Proc>> {
  const given = valueOf(pidfd);
  const pin = given === undefined ? undefined : new PinnedProcess(given);
  try {
    // It ends once and is reaped once, so the third look is of a process that changes no more
    const look = (): BothSides<Proc> | undefined => lookAtBoth(pin, valueOf(credential), request, witness);
    const looked = look() ?? look() ?? look();
    if (looked === undefined) throw new Error('the peer ended more than once');
    const { facts, named, same } = looked;
    const pinned = mapReading(pidfd, () => required(facts));
    return new PinnedFacts({ credential, named, pinned, same, refusedAsEnded }, pin);
  } catch (error) {
    pin?.[Symbol.dispose]();
    throw error;
  }
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a pinned process was not looked at');
  return value;
}

interface BothSides<Proc extends ProcBrief> {
  readonly facts: ProcessFacts<Proc> | undefined;
  readonly named: NamedProcess<Proc> | undefined;
  readonly same: boolean | undefined;
}

/** Looks at both sides; undefined when the pinned process ended or was reaped in the middle. */
function lookAtBoth<Proc extends ProcBrief>(
  pin: PinnedProcess | undefined,
  credential: Credential | undefined,
  request: ProcRequest<Proc>,
  witness: Witness,
): BothSides<Proc> | undefined {
  const pid = credential?.pid ?? 0;
  const seen = pin === undefined ? undefined : sight(pin, witness);
  const same = pin !== undefined && seen !== undefined && pid > 0 && isSame(pin, seen, pid, witness);
  // Equal pidfd ids tell the pinned process's number, where nothing else does
  const sighting = same === true ? { ...seen, pid } : seen;
  const facts =
    pin === undefined || sighting === undefined ? undefined : readUnder(pin, sighting, credential, request, witness);
  if (facts === 'changed') return undefined;
  const named =
    same === true ? { facts, opened: { value: pin.id } } : pid > 0 ? lookAtNumber(pid, request, witness) : undefined;
  if (pin?.state !== sighting?.state) return undefined;
  return { facts, named, same };
}

function sight(pin: PinnedProcess, witness: Witness): Sighting {
  const sighting = pin.look();
  witness.conclude(
    `poll and ioctl(${pin.pidfd.number}, PIDFD_GET_INFO)`,
    `${sighting.state}, pid ${sighting.pid ?? 'none'}`,
    {
      running:
        sighting.pid === 0 ? 'the pinned process lives outside this PID namespace' : 'the pinned process is alive',
      zombie: 'the pinned process has ended, and nobody has waited for it yet: its PID is not free',
      exited: 'the pinned process has ended, and its PID is free for others',
    }[sighting.state],
  );
  return sighting;
}

/**
 * Whether the PID means the pinned process: by the ids of both pidfds, or
 * where there are none by the number that the given pidfd tells, if it tells one.
 */
function isSame(pin: PinnedProcess, sighting: Sighting, pid: number, witness: Witness): boolean | undefined {
  if (sighting.state === 'exited') return false;
  const opened = openNumber(pid, witness);
  const byNumber = sighting.pid === undefined ? undefined : sighting.pid === pid;
  if ('error' in opened && opened.error.code === 'ESRCH') return false;
  using process = valueOf(opened);
  const byId = pin.id !== undefined && process?.id !== undefined;
  const same = byId ? process.id === pin.id : byNumber;
  witness.conclude(
    byId
      ? 'compare the pidfd ids'
      : process === undefined
        ? 'compare the PIDs, since the process of this PID could not be opened'
        : 'compare the PIDs, since there are no pidfd ids',
    byId ? `${pin.id} and ${process.id}` : `${sighting.pid ?? 'none'} and ${pid}`,
    same === undefined
      ? 'nothing here shows the PID of the pinned process'
      : same
        ? 'the PID means the pinned process'
        : 'the PID means another process than the pinned one',
  );
  return same;
}

/** Adds the threads' ids where the first thread's are not the recorded ones; undefined where the process lost its number. */
function withThreads<Proc extends ProcBrief>(
  pin: PinnedProcess,
  pid: number | undefined,
  facts: ProcessFacts<Proc>,
  credential: Credential | undefined,
): ProcessFacts<Proc> | undefined {
  const [stat, status] = [valueOf(facts.proc?.stat), valueOf(facts.proc?.status)];
  if (pid === undefined || credential === undefined || stat === undefined || status === undefined) return facts;
  const isFirsts = status.uids.effective === credential.uid && status.gids.effective === credential.gid;
  const shown = pin.numberInProc(pid);
  if (isFirsts || stat.threads < 2 || shown === undefined) return facts;
  const threadIds = reading(() => threadIdsOf(shown));
  return pin.stillHas(pid) ? { ...facts, threadIds } : undefined;
}

function readUnder<Proc extends ProcBrief>(
  pin: PinnedProcess,
  sighting: Sighting,
  credential: Credential | undefined,
  request: ProcRequest<Proc>,
  witness: Witness,
): ProcessFacts<Proc> | 'changed' {
  const first = processFactsOf(pin, sighting, request);
  const facts = first && withThreads(pin, sighting.pid, first, credential);
  if (sighting.pid !== undefined && sighting.pid > 0) {
    witness.conclude(
      `read /proc/${sighting.pid}, then ioctl(${pin.pidfd.number}, PIDFD_GET_INFO)`,
      facts === undefined ? `no longer pid ${sighting.pid}` : `still pid ${sighting.pid}`,
      facts === undefined
        ? 'it ended in the meantime: what was read may be of another process, and is discarded'
        : 'what was read belongs to the pinned process',
    );
  }
  return facts ?? 'changed';
}
