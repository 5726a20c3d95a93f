import { formatAddress } from './address.js';
import { capabilityNames } from './capabilities.js';
import type {
  CredentialDocument,
  HolderDocument,
  FileDocument,
  InspectDocument,
  ProcessDocument,
  SocketDocument,
  Unavailable,
} from './document.js';
import type { ProcessStatus } from '../native-probe/proc/process.js';
import type { Holders } from './holders.js';
import type { PeerFacts } from './inspection.js';
import type { Names } from './names.js';
import type { Ourselves } from './ourselves.js';
import type { SocketFacts, SocketFile } from './opening/socket-facts.js';
import type { ProcessFacts } from './process-facts.js';
import type { ProcessView } from './process-view.js';
import { mapReading, type Reading, type Refusal } from './reading.js';
import type { Report } from './report.js';
import { escapedName, textOf } from './text.js';
import { containerOfCgroup, unitsOfCgroup } from './unit.js';

/** Collects the facts that could not be had. */
export class Missing {
  readonly rows: Unavailable[] = [];

  /** What was read, or undefined and a row that says why not. */
  take<T>(fact: string, fromReading: Reading<T>): T | undefined {
    if ('value' in fromReading) return fromReading.value;
    this.add(fact, fromReading.error);
    return undefined;
  }

  add(fact: string, { syscall, code }: Refusal): void {
    this.rows.push({ fact, reason: `${syscall}: ${code}`, code });
  }

  say(fact: string, reason: string): void {
    this.rows.push({ fact, reason });
  }
}

/** A report as its JSON has it. */
export function describeReport(report: Report, names: Names, explain: boolean): InspectDocument {
  const { peer, judgement } = report;
  const missing = new Missing();
  const socket = describeSocket(report.socket, names, missing);
  const credential = describeCredential(peer, names, missing);
  const named = peer.named?.view;
  const pinned = missing.take('byPidfd', peer.pinned);
  const holders = describeHolders(report.holders, missing);
  const byPid = named === undefined ? null : describeProcess(named, 'byPid', report.ourselves, missing);
  return {
    socket,
    credential,
    recordedBy: report.recordedBy,
    byPid,
    byPidfd: describePinned(pinned, named, byPid, report.ourselves, missing),
    ...(holders && { holders }),
    verdict: judgement.verdict,
    basis: judgement.basis,
    text: report.sentence,
    findings: report.findings,
    unavailable: missing.rows,
    ...(explain && { evidence: report.evidence }),
  };
}

/** The process that the pidfd pins. As a rule it is the one that the number names, which is described already. */
export function describePinned(
  pinned: ProcessView | undefined,
  named: ProcessView | undefined,
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

/** Fields that have a value; an absent one is taken out rather than undefined. */
export function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  for (const [name, value] of Object.entries(fields)) if (value === undefined) Reflect.deleteProperty(fields, name);
  return fields;
}

/** A socket alone, as JSON has it. */
export function describeOwnSocket(facts: SocketFacts, names: Names): SocketDocument {
  return describeSocket(facts, names, new Missing());
}

/** What is left to know of a process that has ended. */
export function describeEnded(view: ProcessView, ourselves: Ourselves): ProcessDocument {
  return describeProcess(view, 'byPidfd', ourselves, new Missing());
}

function describeSocket(facts: SocketFacts, names: Names, missing: Missing): SocketDocument {
  const inode = missing.take('socket.inode', facts.inode);
  const guards = facts.guards && missing.take('socket.guardedBy', facts.guards);
  return {
    type: facts.type,
    state: facts.state,
    ...present({
      address: formatAddress(facts.address),
      inode: inode === undefined ? undefined : Number(inode),
      ...(facts.file && describeFile(facts.file, names)),
      guardedBy: guards?.map(({ path, ...file }) => ({ path: escapedName(path), ...describeFile(file, names) })),
      peerAddress: facts.peerAddress && formatAddress(facts.peerAddress),
      backlog: facts.backlog,
    }),
  };
}

function describeFile(file: Pick<SocketFile, 'uid' | 'gid' | 'mode'>, names: Names): FileDocument {
  return {
    owner: { id: file.uid, ...present({ name: names.user(file.uid) }) },
    group: { id: file.gid, ...present({ name: names.group(file.gid) }) },
    mode: (file.mode & 0o7777).toString(8).padStart(4, '0'),
  };
}

function describeCredential(peer: PeerFacts, names: Names, missing: Missing): CredentialDocument | null {
  const credential = missing.take('credential', peer.credential);
  if (credential === undefined) return null;
  return {
    ...credential,
    ...present({
      user: names.user(credential.uid),
      group: names.group(credential.gid),
      groups: missing.take('credential.groups', peer.groups),
      securityLabel: missing.take('credential.securityLabel', mapReading(peer.securityLabel, textOf)),
    }),
  };
}

export function describeProcess(
  view: ProcessView,
  prefix: string,
  ourselves: Ourselves,
  missing: Missing,
): ProcessDocument {
  const take: Take = (fact, fromReading) => missing.take(`${prefix}.${fact}`, fromReading);
  if (view.pid === undefined) missing.say(`${prefix}.pid`, withoutNumber(view));
  if (view.pidfdId === undefined) missing.say(`${prefix}.pidfdId`, 'no pidfd with an id could be had');
  if (view.facts === undefined) {
    for (const fact of procFacts) missing.say(`${prefix}.${fact}`, withoutProc(view));
  }
  return {
    ...present({
      pid: view.pid,
      pidfdId: view.pidfdId === undefined ? undefined : Number(view.pidfdId),
      bootId: take('bootId', ourselves.bootId),
    }),
    state: view.state,
    exitStatus: view.exitStatus ?? null,
    ...present({
      threadOf: view.threadOf,
      ...(view.facts && describeFacts(view.facts, ourselves, take)),
      ...describeCgroup(view.cgroup, take),
      namespaces: take('namespaces', view.namespaces),
    }),
  };
}

function describeCgroup(read: Reading<Buffer | null>, take: Take): Partial<ProcessDocument> {
  const cgroup = take('cgroup', read);
  if (cgroup === undefined) {
    for (const fact of ['unit', 'userUnit', 'container']) take(fact, read);
    return {};
  }
  if (cgroup === null) return { cgroup: null, unit: null, userUnit: null, container: null };
  const path = textOf(cgroup);
  const { unit, userUnit } = unitsOfCgroup(path);
  return {
    cgroup: path,
    unit: unit ?? null,
    userUnit: userUnit ?? null,
    container: containerOfCgroup(path) ?? null,
  };
}

type Take = <T>(fact: string, fromReading: Reading<T>) => T | undefined;

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
  'capabilities',
  'noNewPrivs',
  'seccomp',
  'tracerPid',
] as const;

function withoutNumber({ state }: ProcessView): string {
  return state === 'exited'
    ? 'it has ended, and its number is free for others'
    : 'neither PIDFD_GET_INFO (Linux 6.13) nor a /proc of this PID namespace tells it';
}

/** Why /proc tells nothing of a process. */
function withoutProc(view: ProcessView): string {
  if (view.state === 'exited') {
    return 'it had ended before anybody looked, and the kernel keeps no more than its exit status and cgroup';
  }
  return view.pid === 0
    ? 'it has no number in this PID namespace, so /proc does not show it'
    : 'there is no /proc of this PID namespace that shows it';
}

/** What /proc tells of a process that has a number here. */
function describeFacts(facts: ProcessFacts, ourselves: Ourselves, take: Take): Partial<ProcessDocument> {
  const status = <T>(fact: string, part: (status: ProcessStatus) => T): T | undefined =>
    take(fact, mapReading(facts.status, part));
  const stat = take('comm', facts.stat);
  const bootTime = take('startTime', 'error' in facts.stat ? facts.stat : ourselves.bootTime);
  return present({
    comm: stat && textOf(stat.comm),
    exe: take(
      'exe',
      mapReading(facts.executable, ({ path }) => textOf(path)),
    ),
    cmdline: take(
      'cmdline',
      mapReading(facts.commandLine, (args) => args.map(textOf)),
    ),
    cwd: take('cwd', mapReading(facts.workingDirectory, textOf)),
    uids: status('uids', ({ uids }) => uids),
    gids: status('gids', ({ gids }) => gids),
    groups: status('groups', ({ groups }) => groups),
    loginUid: take(
      'loginUid',
      mapReading(facts.loginUid, (uid) => uid ?? null),
    ),
    startTime: stat && typeof bootTime === 'number' ? startTime(bootTime, stat.startTicks) : undefined,
    capabilities: status('capabilities', (from) => capabilityNames(from.effectiveCapabilities)),
    noNewPrivs: status('noNewPrivs', ({ noNewPrivileges }) => noNewPrivileges),
    seccomp: status('seccomp', ({ seccomp }) => seccompModes[seccomp]),
    tracerPid: status('tracerPid', ({ tracer }) => (tracer === 0 ? null : tracer)),
  });
}

/** @param bootTime - seconds since 1970 @param ticks - hundredths of a second since then */
function startTime(bootTime: number, ticks: number): string {
  return new Date(1000 * bootTime + 10 * ticks).toISOString();
}

function describeHolders(
  holders: Reading<Holders> | undefined,
  missing: Missing,
): readonly HolderDocument[] | undefined {
  if (holders === undefined) {
    missing.say('holders', 'not looked for');
    return undefined;
  }
  const known = missing.take('holders', holders);
  if (known === undefined) return undefined;
  if (known.hidden) {
    missing.say('holders.notSeen', 'this /proc hides the processes of others (its mount option hidepid)');
  } else if (known.notSeen > 0) {
    missing.say(
      'holders.notSeen',
      `the descriptors of ${known.notSeen} more ${known.notSeen === 1 ? 'process' : 'processes'} may not be seen`,
    );
  }
  return known.found.map(({ pid, pidfdId, comm, fds }) => ({
    pid,
    fds,
    ...present({ pidfdId: pidfdId === undefined ? undefined : Number(pidfdId), comm: comm && textOf(comm) }),
  }));
}
