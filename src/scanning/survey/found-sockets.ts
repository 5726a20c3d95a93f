/**
 * Where the rows of a scan come from: the kernel's list of sockets, /proc, and
 * what the sockets say on duplicates. What follows from them is concluded elsewhere.
 */
import type { SocketRecords } from '../../../native-probe/bpf/socket-records.js';
import type { DiagSocket } from '../../../native-probe/diag-socket.js';
import { heldProcesses } from '../../../native-probe/proc/held-processes.js';
import { goesOn } from '../../../native-probe/going-on.js';
import { processName } from '../../../native-probe/proc/process.js';
import type { Holder } from '../../../native-probe/proc/socket-holders.js';
import { procHidesProcesses, procIsOurs } from '../../../native-probe/proc/system.js';
import { column, rowSize } from '../../../native-probe/socket-answers.js';
import type { Asking, Survey, SurveyedProcess } from '../../../native-probe/survey.js';
import { errnoName } from '../../../native-probe/syscall-error.js';
import { type Reading, reading, valueOf } from '../../words/reading.js';
import { type Answers, DistinctAnswers } from './answers.js';
import { searchFor, surveyHidden, type Visited } from './hidden-holders.js';
import { processesToVisit } from './processes-to-visit.js';
import { surveyRecords } from './survey-records.js';
import { joinSurvey, surveyProcesses, type SurveyUnderWay } from './survey-threads.js';

/** One socket, its holders, and what it said to one of them. */
export interface FoundSocket {
  readonly socket: DiagSocket;
  /** The inode number of the network namespace that it lives in; undefined when nobody can say. */
  readonly networkNamespace: number | undefined;
  readonly holders: readonly Holder[];
  /** Undefined when nobody asked. */
  readonly answers: Reading<Answers> | undefined;
  /** The process or thread, and its descriptor, of which the socket was asked on a duplicate: 0 where none was. */
  readonly askedPid: number;
  readonly askedFd: number;
}

/** Everything that was found. */
export interface FoundSockets {
  readonly sockets: ReadonlyMap<number, FoundSocket>;
  /** A holder of each socket that is in no list: of any family, or of a network namespace that was not listed. */
  readonly unlisted: ReadonlyMap<number, Holder>;
  /** Processes whose descriptors may not be seen. */
  readonly forbidden: Survey['forbidden'];
  /** How many of these keep whoever looks at them waiting: they sleep in the middle of execve(2). */
  readonly held: number;
  /** /proc hides the processes of others. */
  readonly hidden: boolean;
  /** Processes whose descriptors were all looked at. */
  readonly seen: ReadonlySet<number>;
  /** Processes that may be looked into. */
  readonly visited: Visited;
  /** How many processes have more threads or io_uring instances than were looked at. */
  readonly cut: number;
}

/** What is to be found. */
export interface Search {
  readonly asking: Asking;
  /** Whether to find holders of sockets that are in no list, too. */
  readonly unlisted: boolean;
  readonly progress?: Progress | undefined;
  /** A survey that was begun already, of those of these sockets that are of our network namespace. */
  readonly underWay?: SurveyUnderWay | undefined;
  /** Those that are not. */
  readonly others?: readonly ListedSocket[] | undefined;
  /** Where a BPF program tells who has which sockets open: has it look now. */
  readonly records?: (() => SocketRecords) | undefined;
}

/** How many processes were looked through, and of how many. */
export type Progress = (done: number, total: number) => void;

/** A socket, and the inode number of the network namespace that it lives in. */
export interface ListedSocket {
  readonly socket: DiagSocket;
  readonly networkNamespace: number | undefined;
}

/** A socket as far as it was found, until all is. */
export type Growing = { -readonly [Name in keyof FoundSocket]: FoundSocket[Name] } & { holders: Holder[] };

/** The holders of each socket, until one is found. */
const nobody: never[] = [];

/**
 * Finds the holders of listed sockets, and asks the sockets.
 *
 * @param listed - listed before /proc is read, so that a socket without a holder has lost its last since, or has none
 * that may be seen
 */
export function findHolders(
  listed: readonly ListedSocket[],
  { asking, unlisted, progress, underWay, others = [], records }: Search,
): FoundSockets {
  const sockets = new Map<number, Growing>();
  for (const { socket, networkNamespace } of listed) {
    sockets.set(socket.inode, {
      socket,
      networkNamespace,
      holders: nobody,
      answers: undefined,
      askedPid: 0,
      askedFd: 0,
    });
  }
  const pids = underWay?.pids ?? processesToVisit();
  const options = {
    asking,
    unlisted,
    visited: (taken: number) => {
      progress?.(taken, pids.length);
    },
  };
  const known = cookiesOf(listed);
  const surveys =
    records !== undefined
      ? [surveyRecords(records(), pids, known, options)]
      : underWay === undefined
        ? surveyProcesses(pids, known, options)
        : joinSurvey(underWay, known, cookiesOf(others), options);
  const inNoList = new Map<number, Holder>();
  for (const survey of surveys) merge(survey, sockets, inNoList);
  const refused = new Set(surveys.flatMap((survey) => survey.forbidden.map(({ pid }) => pid)));
  const rings = new Map(surveys.flatMap((survey) => [...survey.rings]));
  // The program has told of the tables of threads already
  const maySay = records === undefined ? [...pids] : [...rings.keys()];
  const visited = { pids: maySay.filter((pid) => !refused.has(pid)), rings };
  const hidden = surveyHidden(visited, searchFor(sockets), asking);
  if (hidden !== undefined) merge(hidden, sockets, inNoList);
  for (const { holders } of sockets.values()) if (holders.length > 1) holders.sort((a, b) => a.pid - b.pid);
  // A Buffer comes from the other thread as a Uint8Array
  const held = heldProcesses();
  const forbidden = [
    ...surveys.flatMap((survey) => survey.forbidden).filter(({ pid }) => !held.has(pid)),
    ...[...held].map((pid) => ({ pid, comm: valueOf(reading(() => processName(pid))) })),
  ]
    .map(({ pid, comm }) => ({ pid, comm: comm && Buffer.from(comm) }))
    .sort((a, b) => a.pid - b.pid);
  // Of what was not looked at whole nobody can say that it does not have a socket
  const notSeen = new Set([...forbidden.map(({ pid }) => pid), ...(hidden?.cut ?? [])]);
  return {
    sockets,
    unlisted: inNoList,
    forbidden,
    held: held.size,
    hidden: procIsOurs() === true && procHidesProcesses(),
    seen: new Set(pids.filter((pid) => !notSeen.has(pid))),
    visited,
    cut: hidden?.cut.length ?? 0,
  };
}

function cookiesOf(listed: readonly ListedSocket[]): Map<number, number | undefined> {
  return new Map(listed.map(({ socket: { inode, cookie } }) => [inode, cookie]));
}

/** Adds what was found, but for the holders' order. @param unlisted - is given a holder of each other socket */
export function merge(survey: Survey, sockets: ReadonlyMap<number, Growing>, unlisted: Map<number, Holder>): void {
  const { processes, rows } = survey;
  const answers = new DistinctAnswers(survey);
  // What all sockets of a process have in common is one object
  const names = processes.map(({ comm }) => Buffer.from(comm.buffer, comm.byteOffset, comm.byteLength));
  for (let at = 0; at < rows.length; at += rowSize) {
    const index = rows[at + column.process] ?? 0;
    goesOn();
    const process = processes[index];
    const comm = names[index];
    if (process === undefined || comm === undefined) continue;
    const inode = (rows[at + column.inode] ?? 0) >>> 0;
    const socket = sockets.get(inode);
    const fd = rows[at + column.fd] ?? 0;
    if (socket === undefined) {
      unlisted.set(inode, holderOf(process, comm, fd));
      continue;
    }
    const last = socket.holders.at(-1);
    if (last === undefined) socket.holders = [holderOf(process, comm, fd)];
    // The descriptors of one process come one after the other. Of threads with their own, the first is told
    else if (last.pid === process.pid && last.thread === process.thread && process.ring === undefined)
      socket.holders[socket.holders.length - 1] = { ...last, fds: [...last.fds, fd] };
    else if (last.pid !== process.pid) socket.holders.push(holderOf(process, comm, fd));
    const asked = rows[at + column.asked] ?? 0;
    if (asked === 1) {
      socket.answers = answers.in(at);
      socket.askedPid = process.thread ?? process.pid;
      socket.askedFd = fd;
    } else if (asked < 0) {
      const code = errnoName(-asked);
      const syscall = !process.pinned ? 'pidfd_open' : code === 'ESTALE' ? 'getsockopt(SO_COOKIE)' : 'pidfd_getfd';
      socket.answers ??= { error: { syscall, code } };
    }
  }
}

function holderOf({ pid, thread, ring, pidfdId, activity }: SurveyedProcess, comm: Buffer, fd: number): Holder {
  return { pid, thread, ring, pidfdId, comm, activity, fds: ring === undefined ? [fd] : [] };
}
