/**
 * What /proc/PID does not tell while somebody holds the process's exec_update_lock, which the process itself can for ever:
 * see held-processes.ts. fs/proc/array.c, do_task_stat(); fs/proc/base.c, proc_fd_access_allowed(); fs/proc/namespaces.c
 */
import { constants } from 'node:fs';
import { constants as osConstants } from 'node:os';

import type { LibraryCall } from '../calls/call-chain.js';
import { openInChild } from '../calls/opening-child.js';
import { type Asked, Question } from '../calls/question.js';
import { type Fd, inodeOf, openBelow, openFile } from '../fd.js';
import { namespaceKinds, type Namespaces } from '../namespaces.js';
import { openHow } from '../open-how.js';
import { failedWith, SyscallError } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import * as proc from './process.js';

/** Functions of process.ts that can wait, of one process. They throw what those throw. */
export interface LockedFacts {
  stat(): proc.ProcessStat;
  executable(): proc.Executable;
  workingDirectory(): Buffer;
  namespaces(): Namespaces;
}

/** What was asked. Whoever finds that the process has lost its number meanwhile throws the answers away. */
export interface AskedProcess extends LockedFacts {
  /** Waits without holding up this thread, and gives up after so many milliseconds. */
  waitFor(timeout: number): Promise<void>;
}

/** For whoever knows that nobody is waited for. @param pid - as the mounted /proc has it */
export function lockedFactsOf(pid: number): LockedFacts {
  return {
    stat: () => proc.processStat(pid),
    executable: () => proc.processExecutable(pid),
    workingDirectory: () => proc.processWorkingDirectory(pid),
    namespaces: () => proc.processNamespaces(pid),
  };
}

/**
 * Has a thread read it all of whoever has the number now. What is taken before it is there is waited for, with the limit
 * of {@link Question.answer}. Where the C library has no setcontext(3), such as musl's, it is read without a limit.
 *
 * @param atOnce - as {@link Question.askAtOnce}
 * @throws SyscallError ENOENT or ESRCH when nobody has the number; EBUSY where too many do not answer
 */
export function askProcess(pid: number, atOnce = false): AskedProcess {
  const asked = processQuestion(pid);
  try {
    return factsOf(pid, atOnce ? Question.askAtOnce(asked) : Question.ask(asked), atOnce);
  } catch (error) {
    if (!failedWith(error, 'ENOSYS')) throw error;
    return { ...lockedFactsOf(pid), waitFor: () => Promise.resolve() };
  }
}

/** What is asked, of whoever has the number now. @throws SyscallError ENOENT or ESRCH when nobody has it */
export function processQuestion(pid: number): Asked<Answers> & { readonly descriptors: readonly Fd[] } {
  const path = `/proc/${pid}`;
  const directory = openFile(path, uapi.O_PATH | uapi.O_DIRECTORY);
  let stat: Fd | undefined;
  try {
    stat = openBelow(directory, nameOfStat, constants.O_RDONLY, `${path}/stat`);
    // The number alone may be another process's, of which an answer is still to come
    const subject = `${path}, inode ${inodeOf(directory)}`;
    return questionOf(directory, stat, subject);
  } catch (error) {
    stat?.[Symbol.dispose]();
    directory[Symbol.dispose]();
    throw error;
  }
}

function questionOf(directory: Fd, stat: Fd, subject: string): ReturnType<typeof processQuestion> {
  return {
    syscall: 'read',
    subject,
    calls: (into: Buffer, errno: bigint) => callsOn(directory, stat, into, errno),
    repeated: { kind, firsts: firstsOf(directory, stat), ready: makeReady },
    answer: answersIn,
    descriptors: [stat, directory],
  };
}

/** What is asked for, in this order: where it is written, how many bytes, and by what name below /proc/PID it goes. */
const parts = [
  { name: 'stat', kind: undefined, at: 4096, room: 4095 },
  { name: 'exe', kind: undefined, at: 8192, room: 4095 },
  { name: 'cwd', kind: undefined, at: 12288, room: 4095 },
  ...namespaceKinds.map((kind, index) => ({ name: `ns/${kind}`, kind, at: 1024 + 128 * index, room: 127 })),
];
/** Where the names are, and the errno of each after its call: not that of this call where there is an answer. */
const [namesAt, nameRoom, errnosAt, executableAt, end] = [0, 16, 512, 16384, 16640];
const sizeOfStatx = 256;

const kind = Symbol('process');
const nameOfStat = Buffer.from('stat\0');

/** The names, each with a NUL behind it. */
const names = Buffer.alloc(nameRoom * (parts.length + 1));
[...parts.map(({ name }) => name), 'exe'].forEach((name, index) => names.write(name, nameRoom * index));

function makeReady(into: Buffer): void {
  into.fill(0, errnosAt, end);
  names.copy(into, namesAt);
}

/** As in {@link callsOn}. */
function firstsOf(directory: Fd, stat: Fd): (number | undefined)[] {
  const firsts: (number | undefined)[] = [];
  for (const { name } of parts) firsts.push(name === 'stat' ? stat.number : directory.number, undefined);
  firsts.push(directory.number);
  return firsts;
}

function callsOn(directory: Fd, stat: Fd, into: Buffer, errno: bigint): LibraryCall[] {
  const name = into.subarray(namesAt + nameRoom * parts.length, namesAt + nameRoom * (parts.length + 1));
  const executable = into.subarray(executableAt, executableAt + sizeOfStatx);
  const asked = parts.flatMap(({ name, at, room }, index): LibraryCall[] => {
    const [to, nameAt] = [into.subarray(at, at + room), namesAt + nameRoom * index];
    return [
      name === 'stat'
        ? ['read', stat.number, to, room]
        : ['readlinkat', directory.number, into.subarray(nameAt, nameAt + nameRoom), to, room],
      ['memcpy', into.subarray(errnosAt + 4 * index, errnosAt + 4 * index + 4), errno, 4],
    ];
  });
  // Of what the link leads to, as the kernel knows it: its file system is not asked
  return [...asked, ['statx', directory.number, name, uapi.AT_STATX_DONT_SYNC, uapi.STATX_BASIC_STATS, executable]];
}

export interface Answers {
  /** What was read by each name, up to a NUL, or an errno. */
  readonly read: ReadonlyMap<string, Buffer | number>;
  /** The same of the links in `ns`. */
  readonly namespaces: ReadonlyMap<string, string | number>;
  /** How many names the executable has; undefined where it could not be looked at. */
  readonly links: number | undefined;
}

function answersIn(from: Buffer): Answers {
  const executable = from.subarray(executableAt, executableAt + sizeOfStatx);
  const hasLinks = (executable.readUInt32LE(0) & uapi.STATX_NLINK) !== 0;
  const read = new Map<string, Buffer | number>();
  const namespaces = new Map<string, string | number>();
  parts.forEach(({ name, kind, at, room }, index) => {
    const nul = from.indexOf(0, at);
    const until = nul < 0 ? at + room : Math.min(nul, at + room);
    const errno = from.readInt32LE(errnosAt + 4 * index);
    if (kind === undefined) read.set(name, until > at ? Buffer.from(from.subarray(at, until)) : errno);
    else namespaces.set(kind, until > at ? from.toString('latin1', at, until) : errno);
  });
  return {
    namespaces,
    read,
    links: hasLinks ? executable.readUInt32LE(16) : undefined,
  };
}

/**
 * The facts that the answers give. They throw ETIMEDOUT where these did not come in time.
 *
 * @param atOnce - whether nothing more may be asked, which could wait for the process
 */
export function factsOf(pid: number, question: Question<Answers>, atOnce: boolean): AskedProcess {
  const answered = <T extends Buffer | string>(answer: T | number | undefined, name: string): T => {
    if (answer !== undefined && typeof answer !== 'number') return answer;
    const syscall = name === 'stat' ? 'read' : 'readlink';
    throw new SyscallError(syscall, answer ?? osConstants.errno.ENODATA, `/proc/${pid}/${name}`);
  };
  const required = (name: string): Buffer => answered(question.answer().read.get(name), name);
  return {
    stat: () => proc.parseStat(required('stat')),
    executable: () =>
      atOnce
        ? proc.executableByLinks(required('exe'), question.answer().links)
        : proc.executableAt(pid, required('exe'), openMagicLink),
    workingDirectory: () => required('cwd'),
    namespaces: () => proc.namespacesFrom((kind) => answered(question.answer().namespaces.get(kind), `ns/${kind}`)),
    waitFor: (timeout) => question.waitFor(timeout),
  };
}

/** By a child that is given up where it waits for the process. */
function openMagicLink(path: string): Fd {
  return openInChild(Buffer.from(`${path}\0`), openHow(uapi.O_PATH, 0), path);
}
