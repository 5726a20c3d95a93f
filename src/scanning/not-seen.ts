import { statSync } from 'node:fs';

import { processStatus } from '../../native-probe/proc/process.js';
import { ptraceScope } from '../../native-probe/proc/system.js';
import { asSyscall } from '../../native-probe/syscall-error.js';
import type { Names } from '../document/names.js';
import type {
  NotSeenDocument,
  NotSeenFact,
  NotSeenReason,
  ScannedSocketDocument,
  UnlistedDocument,
} from '../document/scan-document.js';
import { present } from '../document/unavailable.js';
import { ourselves, type Ourselves } from '../identity/ourselves.js';
import { hasCapability } from '../words/capabilities.js';
import { counted } from '../words/counted.js';
import { errnoText } from '../words/errno-text.js';
import { enteringTakesRoot, othersHidden, othersTakeRoot } from '../words/others-take-root.js';
import { reading, valueOf } from '../words/reading.js';
import { textOf } from '../words/text.js';
import { whereElse } from '../words/where-else.js';
import { inFlight, mostAsked } from './in-flight.js';
import type { NetworkNamespaces, UnlistedSocket } from './network-namespaces.js';
import type { FoundSocket, FoundSockets } from './survey/found-sockets.js';

/** What was wanted of a scan. */
export interface Wanted {
  readonly audit: boolean;
  readonly ownNamespace: boolean;
  /** Whether a socket, by its inode number, was to be asked. */
  readonly isWanted: (inode: number) => boolean;
}

/** What could not be seen, and why. */
export function describeNotSeen(
  found: FoundSockets,
  rows: readonly ScannedSocketDocument[],
  namespaces: NetworkNamespaces,
  { audit, ownNamespace, isWanted }: Wanted,
  names: Names,
): NotSeenDocument {
  const { procIsOurs } = ourselves();
  const others = namespaces.documents.filter(({ listed }) => !listed);
  const unlisted = namespaces.unlisted.map((socket) => describeUnlisted(socket, namespaces));
  const withoutNamespace = {
    processes: ownNamespace ? 0 : namespaces.withoutNamespace,
    sockets: unlisted.filter(({ reason }) => reason === notAskable).length,
  };
  const unheld = rows.filter(({ holders }) => holders.length === 0).length;
  const known = new Set(rows.map(({ inode }) => inode));
  const waiting = new Set(rows.flatMap(({ pending = [] }) => pending.map(({ inode }) => inode)));
  const withoutOtherEnd = rows.filter((row) => lacksOtherEnd(row, known, waiting)).length;
  const { queues, isCut } = unheld === 0 ? { queues: [], isCut: false } : inFlight(found.sockets.values());
  return {
    processes: found.forbidden.map(({ pid, comm }) => ({
      pid,
      ...(comm !== undefined && { comm: textOf(comm) }),
      ...present({ owner: ownerOf(pid, names) }),
    })),
    hidden: found.hidden,
    allProcesses: procIsOurs !== true,
    withoutHolder: unheld,
    ...(queues.length > 0 && { inFlight: queues }),
    ...(found.cut > 0 && { cut: found.cut }),
    notAsked: audit
      ? rows.filter(
          ({ inode, holders, credential }) => isWanted(inode) && holders.length > 0 && credential === undefined,
        ).length
      : 0,
    networkNamespaces: others.length,
    withoutNamespace,
    ...(unlisted.length > 0 && { unlisted }),
    ...(withoutOtherEnd > 0 && { withoutOtherEnd }),
    reasons: [
      ...whyNoProcess(procIsOurs),
      ...whyNotAllProcesses(found),
      ...whyNotAsked([...found.sockets.values()].filter(({ socket }) => isWanted(socket.inode))),
      ...whyNotConcluded(rows),
      ...whyNotEntered(
        others.some(({ refused }) => refused !== undefined),
        withoutNamespace,
      ),
      ...of('inFlight', isCut ? [`only ${mostAsked} sockets were asked for descriptors in flight`] : []),
    ],
  };
}

function of(fact: NotSeenFact, reasons: readonly string[]): NotSeenReason[] {
  return [...new Set(reasons)].map((reason) => ({ fact, reason }));
}

/** Whether no other end was seen, and it is not closed. An end that was not accepted yet has no number, and one that was is in the network namespace of its client. unix_stream_connect() */
function lacksOtherEnd(
  { state, type, peerInode, shutdown, inode }: ScannedSocketDocument,
  known: ReadonlySet<number>,
  waiting: ReadonlySet<number>,
): boolean {
  if (state !== 'connected' || type === 'dgram' || shutdown?.length === 2 || waiting.has(inode)) return false;
  return peerInode === undefined || !known.has(peerInode);
}

/** Why a socket has no holder: only where processes could not be looked into, one of them may be it. */
export function whyNoHolder({ forbidden, hidden, cut }: FoundSockets): string {
  const isWhole = ourselves().procIsOurs === true && forbidden.length === 0 && !hidden && cut === 0;
  return `no process was seen that has the socket open: ${isWhole ? '' : 'its holder could not be seen, or '}it is ${whereElse}`;
}

/** The owner of /proc/PID is the process's effective user. proc(5) */
function ownerOf(pid: number, names: Names): { id: number; name?: string } | undefined {
  const uid = valueOf(reading(() => asSyscall(`/proc/${pid}`, () => statSync(`/proc/${pid}`).uid)));
  return uid === undefined ? undefined : { id: uid, ...present({ name: names.user(uid) }) };
}

function whyNoProcess(procIsOurs: Ourselves['procIsOurs']): NotSeenReason[] {
  if (procIsOurs === true) return [];
  return of('holders', [
    procIsOurs === undefined
      ? 'there is no /proc here, and only that shows who has a socket open'
      : 'the /proc that is mounted here belongs to another PID namespace, so its PIDs mean nothing here (`mount -t proc proc /proc` in a mount namespace of its own gives one that does)',
  ]);
}

const refusals = new Set(['EPERM', 'EACCES']);

/** Why processes may not be seen or traced, and what would show them: ptrace(2), "Ptrace access mode checking". */
function whyNotAllProcesses({ forbidden, held, hidden, sockets }: FoundSockets): NotSeenReason[] {
  const reasons = of('holders', [
    ...(held > 0
      ? [
          `${counted(held, 'process', 'processes')} in the middle of execve(2), closing a file that does not close: looking at the descriptors would wait for that`,
        ]
      : []),
    ...(hidden ? [othersHidden] : []),
  ]);
  const refused = [...sockets.values()].some(
    ({ answers }) =>
      answers && 'error' in answers && answers.error.syscall === 'pidfd_getfd' && refusals.has(answers.error.code),
  );
  const isIncomplete = forbidden.length > held || hidden;
  if (!isIncomplete && !refused) return reasons;
  const isTracer = may('cap_sys_ptrace');
  const why = whyNotTraced(isTracer);
  if (isIncomplete) reasons.push({ fact: 'holders', reason: why });
  if (refused) reasons.push({ fact: 'credentials', reason: whyNoDuplicate(isTracer) ?? why });
  return reasons;
}

/** Why network namespaces may not be seen or entered. @param isRefused - whether one that was seen may not be entered */
function whyNotEntered(
  isRefused: boolean,
  { processes, sockets }: NotSeenDocument['withoutNamespace'],
): NotSeenReason[] {
  if (!isRefused && processes + sockets === 0) return [];
  if (process.geteuid?.() !== 0 && !may('cap_sys_admin')) {
    return of('networkNamespaces', [enteringTakesRoot]);
  }
  return of('networkNamespaces', [
    ...(processes > 0 ? [whyNotTraced(may('cap_sys_ptrace'))] : []),
    ...(isRefused ? ['entering a network namespace needs CAP_SYS_ADMIN over it'] : []),
    ...(sockets > 0
      ? [
          'asking a socket for its network namespace needs CAP_NET_ADMIN over that, and the right to trace a process that holds the socket',
        ]
      : []),
  ]);
}

const notAskable = 'network namespace not known';

/** A socket that no list had, with why. */
function describeUnlisted(
  { inode, holder, networkNamespace }: UnlistedSocket,
  namespaces: NetworkNamespaces,
): UnlistedDocument {
  const { pid, comm, fds } = holder;
  const isListed = namespaces.documents.some((one) => one.inode === networkNamespace && one.listed);
  const isNew =
    isListed || (networkNamespace === undefined && namespaces.inodesNow(namespaces.own)?.has(inode) === true);
  return {
    inode,
    pid,
    comm: textOf(comm),
    fd: fds[0] ?? -1,
    ...present({ networkNamespace }),
    reason: isNew
      ? 'made while peerpid looked, or missing in a list that changed meanwhile'
      : networkNamespace === undefined
        ? notAskable
        : 'network namespace not looked into',
  };
}

/** @param isTracer - whether we have CAP_SYS_PTRACE */
function whyNotTraced(isTracer: boolean): string {
  if (isTracer) {
    return 'some processes may not be traced even with CAP_SYS_PTRACE: they belong to a user namespace over which this process has none, or a security module or a sandbox forbids it';
  }
  return process.geteuid?.() === 0 ? 'this process has no CAP_SYS_PTRACE' : othersTakeRoot;
}

/** What ptrace_scope forbids beyond the processes of others; undefined where that is nothing. */
function whyNoDuplicate(isTracer: boolean): string | undefined {
  const scope = ptraceScope() ?? 0;
  if (scope === 3) {
    return 'kernel.yama.ptrace_scope is 3: nobody may ask a socket from outside, not even root, until the next boot';
  }
  return scope === 0 || isTracer
    ? undefined
    : `kernel.yama.ptrace_scope is ${scope}, so without CAP_SYS_PTRACE users may not even ask the sockets of their own processes`;
}

function may(capability: 'cap_sys_ptrace' | 'cap_sys_admin'): boolean {
  const capabilities = valueOf(reading(() => processStatus(process.pid)))?.effectiveCapabilities;
  return capabilities !== undefined && hasCapability(capabilities, capability);
}

/** Why sockets could not be asked, apart from missing rights. */
function whyNotAsked(sockets: readonly FoundSocket[]): NotSeenReason[] {
  const errors = sockets.flatMap(({ answers }) => (answers && 'error' in answers ? answers.error : []));
  const reasons = errors.flatMap(({ syscall, code }) => {
    if (refusals.has(code))
      return syscall === 'pidfd_open' ? [`pidfd_open(2) is refused, as in a sandbox: ${errnoText(code)}`] : [];
    if (code === 'ESTALE') return ['a socket has the inode number of the one that was listed, and another cookie'];
    if (code === 'EMFILE') return [tooFewFiles];
    if (code === 'ENOSYS')
      return [`${syscall}(2) is not there: it needs ${since(syscall)}, and a sandbox may forbid it`];
    return [`${syscall}(2) failed: ${errnoText(code)}`];
  });
  const inRing = sockets.some(({ holders: [holder] }) => holder?.ring !== undefined);
  if (inRing)
    reasons.push('a socket that is registered with an io_uring, and has no descriptor, gives no duplicate to ask');
  return of('credentials', reasons);
}

const tooFewFiles = 'peerpid may open too few files at once (`ulimit -n`)';

/** Why peers have no pidfd to go by, and listeners no file that is known to be theirs. */
function whyNotConcluded(rows: readonly ScannedSocketDocument[]): NotSeenReason[] {
  const ofPidfds: string[] = [];
  const ofFiles: string[] = [];
  for (const { unavailable, verdict } of rows) {
    for (const { fact, reason, code } of unavailable) {
      if (fact === 'byPidfd' && verdict === 'unpinned') ofPidfds.push(code === 'EMFILE' ? tooFewFiles : reason);
      else if (fact === 'file') ofFiles.push(reason);
    }
  }
  return [...of('pidfds', ofPidfds), ...of('files', ofFiles)];
}

function since(syscall: string): string {
  return syscall === 'pidfd_open' ? 'Linux 5.3' : 'Linux 5.6';
}
