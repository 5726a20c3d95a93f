import { invocationIdOf } from '../../native-probe/invocation-id.js';
import type { Namespaces } from '../../native-probe/namespaces.js';
import { type Activity, activityOf, mayBeFrozen } from '../../native-probe/proc/process-activity.js';
import {
  type AskedStrings,
  askCommandLine,
  longestStrings,
  type ReadStrings,
} from '../../native-probe/proc/process-strings.js';
import { askProcess, type LockedFacts, lockedFactsOf } from '../../native-probe/proc/asked-process.js';
import { askTogether } from '../../native-probe/proc/asked-together.js';
import { isHeld } from '../../native-probe/proc/held-processes.js';
import * as proc from '../../native-probe/proc/process.js';
import { mapReading, type Reading, reading, valueOf } from '../words/reading.js';
import { pathOfUnit } from './unit.js';
import { type OtherUserNamespace, readUserNamespace } from './user-namespace.js';

/** What /proc tells of a process that identity, verdict and findings rest upon. The kernel answers it all by itself. proc(5) */
export interface ProcBrief {
  readonly stat: Reading<proc.ProcessStat>;
  /** What keeps it from going on; undefined inside where nothing is seen to. */
  readonly activity: Reading<Activity | undefined>;
  readonly status: Reading<proc.ProcessStatus>;
  readonly executable: Reading<proc.Executable>;
  readonly cgroup: Reading<Buffer | undefined>;
  readonly namespaces: Reading<Namespaces>;
  /** Where that is another than ours; undefined inside where it is ours. */
  readonly userNamespace: Reading<OtherUserNamespace | undefined>;
}

/** A command line, which the process may overwrite. */
export interface CommandLine {
  readonly args: readonly Buffer[];
  /**
   * Of one of which only the beginning was read, how many bytes it has: by `arg_start` and `arg_end` of /proc/PID/stat.
   * Null where these do not tell: they are 0 without PTRACE_MODE_READ. Absent where nothing was cut.
   */
  readonly bytes?: number | null;
}

/** What is only shown. proc(5) */
export interface ProcDetails {
  /** Of the process's own memory, which may not come: whoever takes this may wait, for a second at most. */
  readonly commandLine: Reading<CommandLine>;
  readonly workingDirectory: Reading<Buffer>;
  readonly loginUid: Reading<number | undefined>;
  /** Of the unit, null inside where there is none; absent where nobody asked for it, as {@link readToInspect} does. */
  readonly invocationId?: Reading<string | null>;
}

/** All that is read of /proc. */
export interface ProcFacts extends ProcBrief, ProcDetails {}

/** What was read of /proc, the details only where somebody asked for them. */
export type ProcAny = ProcBrief & Partial<ProcDetails>;

/**
 * A request for facts of /proc/PID, {@link readBrief} or {@link readInFull}: whoever shows
 * details asks for them. It reads of whoever has the number meanwhile, and it is
 * for the caller to find out whom that was, by asking a pidfd *afterwards*.
 *
 * @param pid - as the mounted /proc has it
 * @throws nothing: a refusal is a fact that could not be had
 */
export type ProcRequest<Facts extends ProcBrief> = (pid: number) => Facts;

/** No more than what is concluded from. */
export const readBrief: ProcRequest<ProcBrief> = (pid) => briefOf(pid, sourceAtOnce(pid));

/** What can wait for a process: {@link LockedFacts}, or why it is not to be had. */
type Source = Reading<LockedFacts>;

/** Of one of many processes: which of them are held was found out for all. */
function sourceAtOnce(pid: number): Source {
  return isHeld(pid) ? sleepsInExec : { value: lockedFactsOf(pid) };
}

function briefOf(pid: number, source: Source): ProcBrief {
  // By the kernel alone, while the others are under way
  const [status, cgroups] = [reading(() => proc.processStatus(pid)), reading(() => proc.processCgroups(pid))];
  const stat = factFrom(source, (facts) => facts.stat());
  const namespaces = factFrom(source, (facts) => facts.namespaces());
  return {
    stat,
    activity: 'error' in stat ? stat : activityFrom(stat.value, cgroups),
    status,
    executable: factFrom(source, (facts) => facts.executable()),
    cgroup: mapReading(cgroups, proc.cgroupAmong),
    namespaces,
    userNamespace: readUserNamespace(pid, namespaces),
  };
}

function activityFrom(stat: proc.ProcessStat, cgroups: Reading<readonly string[]>): ProcBrief['activity'] {
  if ('error' in cgroups && mayBeFrozen(stat)) return cgroups;
  return reading(() => activityOf(stat, () => valueOf(cgroups) ?? []));
}

function factFrom<T>(source: Source, fact: (facts: LockedFacts) => T): Reading<T> {
  if ('error' in source) return source;
  const read = reading(() => fact(source.value));
  return 'error' in read && read.error.code === 'ETIMEDOUT' ? sleepsInExec : read;
}

/** What cannot be read without a wait for that. */
const sleepsInExec = {
  error: {
    syscall: 'given up: the process sleeps in the middle of execve(2) and holds its exec_update_lock',
    code: 'ETIMEDOUT',
  },
} as const;

/** Nothing: for a verdict, which the pidfds and the credential are enough for. */
export const readNothing: ProcRequest<ProcBrief> = () => nothing;

const unasked = { error: { syscall: 'not asked for', code: 'ENODATA' } } as const;
const nothing: ProcBrief = {
  stat: unasked,
  activity: unasked,
  status: unasked,
  executable: unasked,
  cgroup: unasked,
  namespaces: unasked,
  userNamespace: unasked,
};

/**
 * The details too, of one process. What can wait for it is asked for first and taken last, so that those who do not answer
 * are waited for together, and delay nothing that the verdict needs.
 */
export const readInFull: ProcRequest<ProcFacts> = (pid) => inFull(pid);

/** The same of the one process of an inspection, with what is asked for nowhere else. */
export const readToInspect: ProcRequest<ProcFacts> = (pid) => withInvocation(inFull(pid));

/** Adds what an inspection alone shows, of which the kernel answers at once. */
export function withInvocation(facts: FactsInFull): ProcFacts {
  facts.invocationId = invocationIn(facts.cgroup);
  return facts;
}

function invocationIn(cgroup: ProcFacts['cgroup']): Reading<string | null> {
  if ('error' in cgroup) return cgroup;
  const unit = cgroup.value && pathOfUnit(cgroup.value.toString('latin1'));
  return unit === undefined ? { value: null } : reading(() => invocationIdOf(unit));
}

function inFull(pid: number): FactsInFull {
  const together = reading(() => askTogether(pid));
  if ('error' in together) return withDetails(pid, together, askedInTime(pid));
  if (together.value === undefined) {
    const process = reading(() => askProcess(pid));
    return withDetails(pid, process, askedInTime(pid));
  }
  const { process, commandLine } = together.value;
  return withDetails(pid, { value: process }, { asked: { value: commandLine }, within: usualTime });
}

/** The same of one of many, as {@link readBrief}. */
export const readInFullOfMany: ProcRequest<ProcFacts> = (pid) => withDetails(pid, sourceAtOnce(pid), askedInTime(pid));

function whole({ strings: args, isCut }: ReadStrings, { stat }: ProcBrief): CommandLine {
  if (!isCut) return { args };
  const bytes = valueOf(stat)?.argumentBytes ?? 0;
  return { args, bytes: bytes > longestStrings ? bytes : null };
}

/** Milliseconds in which a command line comes that nobody keeps from coming, also on a busy machine. */
const usualTime = 10;

/** A command line, and how long whoever asks for the details waits for it even before it is wanted. Milliseconds. */
interface Wanted {
  readonly asked: Reading<AskedStrings>;
  readonly within: number;
}

function askedInTime(pid: number): Wanted {
  return { asked: reading(() => askCommandLine(pid)), within: usualTime };
}

/** @param source - what can wait for the process, or why it is not to be had */
export function withDetails(pid: number, source: Source, { asked, within }: Wanted): FactsInFull {
  const brief = briefOf(pid, source);
  // As a rule it is there by now, and nothing is left open if nobody takes it
  valueOf(asked)?.takeWithin(within);
  const workingDirectory = factFrom(source, (facts) => facts.workingDirectory());
  return new FactsInFull(
    brief,
    workingDirectory,
    reading(() => proc.processLoginUid(pid)),
    asked,
  );
}

/** A class, since objects with a getter of their own are slow to make and to look at. */
class FactsInFull implements ProcFacts {
  readonly stat: ProcFacts['stat'];
  readonly activity: ProcFacts['activity'];
  readonly status: ProcFacts['status'];
  readonly executable: ProcFacts['executable'];
  readonly cgroup: ProcFacts['cgroup'];
  readonly namespaces: ProcFacts['namespaces'];
  readonly userNamespace: ProcFacts['userNamespace'];
  invocationId?: Reading<string | null>;
  readonly #asked: Wanted['asked'];
  #commandLine: ProcFacts['commandLine'] | undefined;

  constructor(
    brief: ProcBrief,
    readonly workingDirectory: ProcFacts['workingDirectory'],
    readonly loginUid: ProcFacts['loginUid'],
    asked: Wanted['asked'],
  ) {
    this.stat = brief.stat;
    this.activity = brief.activity;
    this.status = brief.status;
    this.executable = brief.executable;
    this.cgroup = brief.cgroup;
    this.namespaces = brief.namespaces;
    this.userNamespace = brief.userNamespace;
    this.#asked = asked;
  }

  get commandLine(): ProcFacts['commandLine'] {
    const asked = this.#asked;
    return (this.#commandLine ??= 'error' in asked ? asked : reading(() => whole(asked.value.answer(), this)));
  }
}
