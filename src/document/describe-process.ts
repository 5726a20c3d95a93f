import { mostUnanswered } from '../../native-probe/calls/question.js';
import type { Activity } from '../../native-probe/proc/process-activity.js';
import { procHidesProcesses } from '../../native-probe/proc/system.js';
import type { ProcessStatus } from '../../native-probe/proc/process.js';
import { type IdsInside, idsInside } from '../identity/ids-inside.js';
import type { Ourselves } from '../identity/ourselves.js';
import type { ProcAny, ProcFacts } from '../identity/proc-facts.js';
import type { IdsByPidfd, ProcessFacts } from '../identity/process-facts.js';
import { errorCodeOf, mapReading, type Reading, valueOf } from '../words/reading.js';
import { textOf } from '../words/text.js';
import { capabilityNames } from '../words/capabilities.js';
import { describeCgroup } from './describe-cgroup.js';
import type { ProcessDocument } from './process-document.js';
import { allPresent, Missing, type Take } from './unavailable.js';

/** The process that the pidfd pins. As a rule it is the one that the number names, which is described already. */
export function describePinned(
  pinned: ProcessFacts<ProcFacts> | undefined,
  named: ProcessFacts<ProcFacts> | undefined,
  byPid: ProcessDocument | null,
  ourselves: Ourselves,
  missing: Missing,
): ProcessDocument | null {
  if (pinned === undefined) return null;
  if (pinned !== named) return describeProcess(pinned, 'byPidfd', ourselves, missing);
  for (const row of missing.rows.filter(({ fact }) => fact.startsWith('byPid.'))) {
    missing.rows.push({ ...row, fact: row.fact.replace('byPid', 'byPidfd') });
  }
  return byPid;
}

/** What is left to know of a process that has ended. */
export function describeEnded(facts: ProcessFacts<ProcFacts>, ourselves: Ourselves): ProcessDocument {
  return describeProcess(facts, 'byPidfd', ourselves, new Missing());
}

/** A process as JSON has it. @param prefix - the field that it stands in, for what could not be had */
export function describeProcess(
  facts: ProcessFacts<ProcAny>,
  prefix: string,
  ourselves: Ourselves,
  missing: Missing,
): ProcessDocument {
  const hidden = isHidden(facts);
  const take: Take = (fact, fromReading) => {
    if (!hidden || errorCodeOf(fromReading) !== 'ENOENT') return missing.take(`${prefix}.${fact}`, fromReading);
    missing.because(`${prefix}.${fact}`, hiddenByProc, 'ENOENT');
    return undefined;
  };
  const takeOfProc: Take = (fact, read) => {
    const isWithoutProc = ourselves.procIsOurs === undefined && errorCodeOf(read) === 'ENOENT';
    if (!isWithoutProc) return take(fact, read);
    missing.because(`${prefix}.${fact}`, withoutProc(facts), 'ENOENT');
    return undefined;
  };
  if (facts.pid === undefined) missing.say(`${prefix}.pid`, withoutNumber(facts));
  if (facts.pidfdId === undefined) missing.say(`${prefix}.pidfdId`, 'there is no pidfd with an id');
  if (facts.proc === undefined) {
    const isTold = (fact: string): boolean => facts.idsByPidfd !== undefined && ['uids', 'gids'].includes(fact);
    for (const fact of procFacts) if (!isTold(fact)) missing.say(`${prefix}.${fact}`, withoutProc(facts));
  }
  const identity = {
    pid: facts.pid,
    pidfdId: facts.pidfdId === undefined ? undefined : Number(facts.pidfdId),
    bootId: takeOfProc('bootId', ourselves.bootId),
    state: facts.state,
    activity: describeActivity(facts, prefix, missing, take),
    exitStatus: facts.exitStatus ?? null,
    threadOf: facts.threadOf,
  };
  const { proc, idsByPidfd } = facts;
  const read = proc === undefined ? (idsByPidfd ?? {}) : describeFacts(proc, idsByPidfd, ourselves, take);
  // By its pidfd the process tells the cgroup's number, and only /proc where that is mounted
  const cgroup = describeCgroup(facts.cgroup, takeOfProc);
  const invocationId = proc?.invocationId && take('invocationId', proc.invocationId);
  return allPresent(identity, read, cgroup, { invocationId, namespaces: take('namespaces', facts.namespaces) });
}

const hiddenByProc = 'this /proc hides the process (its mount option hidepid)';

/** Whether it goes on, has a number here, and /proc, which hides processes of others, has nothing of it. proc(5) */
function isHidden({ state, pid, proc }: ProcessFacts<ProcAny>): boolean {
  return (
    state === 'running' && pid !== 0 && errorCodeOf(proc?.status ?? notAskedFor) === 'ENOENT' && procHidesProcesses()
  );
}

/** Nothing keeps a process that has ended. */
function describeActivity(
  facts: ProcessFacts<ProcAny>,
  prefix: string,
  missing: Missing,
  take: Take,
): Activity | null | undefined {
  const { state, proc } = facts;
  if (state !== 'running') return null;
  if (proc === undefined) missing.say(`${prefix}.activity`, withoutProc(facts));
  return (
    proc &&
    take(
      'activity',
      mapReading(proc.activity, (activity) => activity ?? null),
    )
  );
}

function readInside({ userNamespace, status }: ProcAny, ourselves: Ourselves): Reading<IdsInside | null> {
  if ('error' in userNamespace) return userNamespace;
  const { value } = userNamespace;
  return value === undefined ? { value: null } : mapReading(status, (ids) => idsInside(ids, value, ourselves));
}

const seccompModes = ['disabled', 'strict', 'filter'] as const;

/** The fields that only /proc tells. */
const procFacts = [
  'comm',
  'exe',
  'cmdline',
  'cwd',
  'uids',
  'gids',
  'groups',
  'loginUid',
  'startTime',
  'inUserNamespace',
  'capabilities',
  'noNewPrivs',
  'seccomp',
  'tracerPid',
] as const;

function withoutNumber({ state }: ProcessFacts): string {
  return state === 'exited'
    ? 'it has ended, and its PID is free for others'
    : 'neither PIDFD_GET_INFO (Linux 6.13) nor a /proc of this PID namespace shows it';
}

/** Why /proc tells nothing of a process. */
export function withoutProc(facts: ProcessFacts): string {
  if (facts.state === 'exited') {
    return 'it had ended before peerpid looked, and the kernel keeps only its exit status and cgroup';
  }
  return facts.pid === 0
    ? 'it has no PID in this PID namespace, so /proc does not show it'
    : 'there is no /proc of this PID namespace that shows it';
}

const notAskedFor = { error: { syscall: 'not asked for', code: 'ENODATA' } } as const;

/** Fields of which an absent one is undefined. */
type Described = { readonly [K in keyof ProcessDocument]?: ProcessDocument[K] | undefined };

/** What /proc tells of a process that has a number here. */
function describeFacts(facts: ProcAny, ids: IdsByPidfd | undefined, ourselves: Ourselves, take: Take): Described {
  const status = <T>(fact: string, part: (status: ProcessStatus) => T): T | undefined =>
    take(fact, mapReading(facts.status, part));
  const detail = <T, U>(fact: string, read: Reading<T> | undefined, part: (value: T) => U): U | undefined =>
    take(fact, read === undefined ? notAskedFor : mapReading(read, part));
  const stat = take('comm', facts.stat);
  const bootTime = take('startTime', 'error' in facts.stat ? facts.stat : ourselves.bootTime);
  return {
    comm: stat && textOf(stat.comm),
    exe: take(
      'exe',
      mapReading(facts.executable, ({ path }) => textOf(path)),
    ),
    cmdline: detail('cmdline', explained(facts.commandLine), ({ args }) => args.map(textOf)),
    cmdlineBytes: valueOf(facts.commandLine)?.bytes,
    cwd: detail('cwd', facts.workingDirectory, textOf),
    uids: ids?.uids ?? status('uids', ({ uids }) => uids),
    gids: ids?.gids ?? status('gids', ({ gids }) => gids),
    groups: status('groups', ({ groups }) => groups),
    loginUid: detail('loginUid', facts.loginUid, (uid) => uid ?? null),
    startTime: stat && typeof bootTime === 'number' ? startTime(bootTime, stat.startTicks) : undefined,
    inUserNamespace: take('inUserNamespace', readInside(facts, ourselves)),
    capabilities: status('capabilities', (from) => capabilityNames(from.effectiveCapabilities)),
    noNewPrivs: status('noNewPrivs', ({ noNewPrivileges }) => noNewPrivileges),
    seccomp: status('seccomp', ({ seccomp }) => seccompModes[seccomp]),
    tracerPid: status('tracerPid', ({ tracer }) => (tracer === 0 ? null : tracer)),
  };
}

/** A command line that did not come, with why. */
function explained(read: ProcAny['commandLine']): ProcAny['commandLine'] {
  if (read === undefined || !('error' in read)) return read;
  const { syscall, code } = read.error;
  const why = code === 'ETIMEDOUT' ? unreadableSince : code === 'EBUSY' ? notReadSince : undefined;
  return why === undefined ? read : { error: { syscall: `${syscall}, ${why}`, code } };
}

const unreadableSince =
  'given up: the process keeps its command line from being read: it holds its memory map locked, or its arguments are in memory that does not arrive';
const notReadSince = `not asked for: ${mostUnanswered} other processes keep theirs from being read`;

/** @param bootTime - seconds since 1970 @param ticks - hundredths of a second since then */
function startTime(bootTime: number, ticks: number): string {
  return new Date(1000 * bootTime + 10 * ticks).toISOString();
}
