/**
 * What /proc/PID says. Each function asks by number, and the number may change
 * hands: the answer belongs to a process only if a pidfd of it still has the
 * number afterwards.
 *
 * All throw SyscallError: ENOENT or ESRCH when nobody has the number, EACCES
 * or EPERM without PTRACE_MODE_READ (ptrace(2)) where proc(5) asks for it.
 */
import { type Fd, openFile } from '../fd.js';
import { type NamespaceKind, namespaceKinds, type Namespaces } from '../namespaces.js';
import { type FileStatus, statusAt, statusOf } from '../paths.js';
import type { Ids } from '../pidfd.js';
import { asSyscall, failedWith, SyscallError } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { readProcLink, readProcRecord } from './read.js';

/** From /proc/PID/stat. proc_pid_stat(5). */
export interface ProcessStat {
  /** The name of the program or thread, which the process may set to anything: bytes. */
  readonly comm: Buffer;
  /** One letter: `Z` is a zombie. */
  readonly state: string;
  /** The PID of its parent; 0 where that is outside the PID namespace of the /proc mount. */
  readonly parent: number;
  /** A thread of the kernel's own, which has no descriptors. */
  readonly isKernelThread: boolean;
  /** The first thread is in _exit(2). */
  readonly isExiting: boolean;
  /** How many there are, with the first one even when it is a zombie. */
  readonly threads: number;
  /** Clock ticks (a hundredth of a second) since boot. */
  readonly startTicks: number;
  /** A wait(2) status once it has ended; 0 without PTRACE_MODE_READ. */
  readonly waitStatus: number;
  /** Bytes of the memory in which the arguments are (`arg_start` to `arg_end`); 0 without PTRACE_MODE_READ. */
  readonly argumentBytes: number;
}

/** Reads /proc/PID/stat. */
export function processStat(pid: number): ProcessStat {
  return parseStat(readProcRecord(`/proc/${pid}/stat`));
}

/**
 * Reads the stat of the process whose directory below /proc is open as this descriptor: never of another process, even
 * if that has the number by now. Undefined once the process is reaped.
 */
export function statIn(directory: number): ProcessStat | undefined {
  try {
    return parseStat(readProcRecord(`/proc/self/fd/${directory}/stat`));
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

// Bits of the field `flags`. <linux/sched.h>
const PF_EXITING = 0x00000004;
const PF_KTHREAD = 0x00200000;

/** Parses what is in /proc/PID/stat. */
export function parseStat(bytes: Buffer): ProcessStat {
  // comm may hold parentheses and blanks itself, so it ends at the last one
  const end = bytes.lastIndexOf(')');
  // The field after comm is the third of the man page's
  const fields = bytes
    .toString('latin1', end + 2)
    .trimEnd()
    .split(' ');
  const field = (number: number): string => fields[number - 3] ?? '';
  return {
    comm: Buffer.from(bytes.subarray(bytes.indexOf('(') + 1, end)),
    state: field(3),
    parent: Number(field(4)),
    isKernelThread: (Number(field(9)) & PF_KTHREAD) !== 0,
    isExiting: (Number(field(9)) & PF_EXITING) !== 0,
    threads: Number(field(20)),
    startTicks: Number(field(22)),
    waitStatus: Number(field(52)),
    argumentBytes: distance(field(48), field(49)),
  };
}

/** Between two addresses: of what lies in user space each is a number exactly. */
function distance(from: string, to: string): number {
  const [start, end] = [Number(from), Number(to)];
  return end <= Number.MAX_SAFE_INTEGER ? end - start : Number(BigInt(to) - BigInt(from));
}

/** Whether a process has the number, be it hidden from us in /proc or not: kill(2) with signal 0. */
export function processExists(pid: number): boolean {
  try {
    return asSyscall(`${pid}`, () => process.kill(pid, 0));
  } catch (error) {
    if (failedWith(error, 'ESRCH')) return false;
    if (failedWith(error, 'EPERM')) return true;
    throw error;
  }
}

/** Reads /proc/PID/comm: as {@link ProcessStat.comm}, and nobody can delay it. */
export function processName(pid: number): Buffer {
  return Buffer.from(readProcRecord(`/proc/${pid}/comm`).subarray(0, -1));
}

/** From /proc/PID/status. proc_pid_status(5). */
export interface ProcessStatus {
  /** The process's number (Tgid): another than the one asked for, when that is a thread's. */
  readonly threadGroup: number;
  /** One letter, as {@link ProcessStat.state}. */
  readonly state: string;
  /** The PID of the tracer, ptrace(2); 0 when there is none. */
  readonly tracer: number;
  readonly uids: Ids;
  readonly gids: Ids;
  readonly groups: readonly number[];
  /** Its number in each PID namespace, from the one of the /proc mount inwards. */
  readonly namespacePids: readonly number[];
  /** A bit for each capability. capabilities(7). */
  readonly effectiveCapabilities: bigint;
  readonly noNewPrivileges: boolean;
  /** 0 disabled, 1 strict, 2 filter. seccomp(2) */
  readonly seccomp: number;
  /** A kernel thread and a zombie have none. */
  readonly hasMemory: boolean;
}

/** Reads /proc/PID/status. @param pid - or `PID/task/TID`, of one thread */
export function processStatus(pid: number | `${number}/task/${number}`): ProcessStatus {
  // The name's line escapes newlines, so no process can add a line of its own
  const text = readProcRecord(`/proc/${pid}/status`).toString('latin1');
  let at = 0;
  // Asked for in the order in which the kernel has them, so that each is looked for behind the one before
  const line = (name: string): string => {
    let start = text.indexOf(name, at);
    if (start < 0) start = text.indexOf(name);
    if (start < 0) return '';
    at = text.indexOf('\n', start + 1);
    return text.slice(start + name.length, at);
  };
  const numbers = (name: string): number[] => numbersIn(line(name));
  const ids = (name: string): Ids => {
    const [real = 0, effective = 0, saved = 0, fs = 0] = numbers(name);
    return { real, effective, saved, fs };
  };
  const state = line('\nState:\t').charAt(0);
  return {
    threadGroup: Number(line('\nTgid:\t')),
    state,
    tracer: Number(line('\nTracerPid:\t')),
    uids: ids('\nUid:\t'),
    gids: ids('\nGid:\t'),
    groups: numbers('\nGroups:\t'),
    namespacePids: numbers('\nNSpid:\t'),
    hasMemory: line('\nVmSize:\t') !== '',
    effectiveCapabilities: BigInt(`0x${line('\nCapEff:\t') || '0'}`),
    noNewPrivileges: line('\nNoNewPrivs:\t') === '1',
    seccomp: Number(line('\nSeccomp:\t') || '0'),
  };
}

/** Numbers with blanks or tabs between them, and perhaps at the end. */
function numbersIn(text: string): number[] {
  const numbers: number[] = [];
  let number = -1;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit >= 0 && digit <= 9) number = 10 * Math.max(number, 0) + digit;
    else if (number >= 0) {
      numbers.push(number);
      number = -1;
    }
  }
  if (number >= 0) numbers.push(number);
  return numbers;
}

/** The arguments in what /proc/PID/cmdline holds: each ends with a NUL, the last need not. proc_pid_cmdline(5) */
export function parseCommandLine(bytes: Buffer): Buffer[] {
  const args: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const nul = bytes.indexOf(0, start);
    const end = nul < 0 ? bytes.length : nul;
    args.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return args;
}

/** Where /proc/PID/exe points, and whether that path still leads to the file that runs. */
export interface Executable {
  /** In the mount namespace of the process. */
  readonly path: Buffer;
  /** `unknown`: its name ends as that of a deleted file does, and what is at the path was not, or could not be looked at. */
  readonly file: 'present' | 'deleted' | 'replaced' | 'unknown';
}

const deletedMark = Buffer.from(' (deleted)');

/** Reads /proc/PID/exe, and looks at what is at that path in the process's own root. */
export function processExecutable(pid: number): Executable {
  return executableAt(pid, readProcLink(`/proc/${pid}/exe`), (path) => openFile(path, uapi.O_PATH));
}

/**
 * The executable, by where the link points.
 *
 * @param open - opens a link of /proc/PID with O_PATH, which can wait as reading it does
 */
export function executableAt(pid: number, link: Buffer, open: (path: string) => Fd): Executable {
  const marked = link.subarray(-deletedMark.length).equals(deletedMark);
  if (!marked) return { path: link, file: 'present' };
  // A file's name may really end so, or a file of that name may lie beside the deleted one
  const at = statusSeenBy(pid, link, open);
  if (at === 'unknown' || (at !== undefined && isFileThatRuns(pid, at, open))) {
    return { path: link, file: at === 'unknown' ? 'unknown' : 'present' };
  }
  const path = link.subarray(0, -deletedMark.length);
  const instead = statusSeenBy(pid, path, open);
  return { path, file: instead === 'unknown' ? 'unknown' : instead === undefined ? 'deleted' : 'replaced' };
}

/**
 * The executable, without a look at its path.
 *
 * @param links - how many names the file has
 */
export function executableByLinks(link: Buffer, links: number | undefined): Executable {
  if (!link.subarray(-deletedMark.length).equals(deletedMark)) return { path: link, file: 'present' };
  // With another name it may have lost that of the link, or be really called so
  return links === 0
    ? { path: link.subarray(0, -deletedMark.length), file: 'deleted' }
    : { path: link, file: 'unknown' };
}

/** What a process has at a path; undefined when nothing is there, or it is not for us to see. */
function statusSeenBy(pid: number, path: Buffer, open: (path: string) => Fd): FileStatus | 'unknown' | undefined {
  try {
    using root = open(`/proc/${pid}/root`);
    return statusAt(path, `${pid}`, root);
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENOTDIR', 'ESRCH', 'EACCES', 'EPERM', 'ELOOP')) return undefined;
    // Such as ETIMEDOUT: the process may have put the file on a FUSE of its own
    if (error instanceof SyscallError) return 'unknown';
    throw error;
  }
}

function isFileThatRuns(pid: number, at: FileStatus, open: (path: string) => Fd): boolean {
  using file = open(`/proc/${pid}/exe`);
  const runs = statusOf(file);
  return at.device === runs.device && at.inode === runs.inode;
}

/** Where /proc/PID/cwd points. */
export function processWorkingDirectory(pid: number): Buffer {
  return readProcLink(`/proc/${pid}/cwd`);
}

/**
 * The lines of /proc/PID/cgroup, a path in each tree, as Latin-1, which keeps the bytes: a newline in a cgroup's name is
 * not possible (kernfs refuses it). cgroups(7)
 *
 * @param directory - the process's below /proc: its number, or `self/fd/N` for one that is open
 */
export function processCgroups(directory: number | string): readonly string[] {
  const text = readProcRecord(`/proc/${directory}/cgroup`).toString('latin1');
  // One after the other many are in the same
  if (text !== lastCgroups.text) lastCgroups = { text, lines: text.split('\n') };
  return lastCgroups.lines;
}

let lastCgroups: { readonly text: string; readonly lines: readonly string[] } = { text: '', lines: [] };

/** The path in the cgroup v2 tree, or in systemd's own v1 tree where v2 has none but the root. */
export function cgroupAmong(lines: readonly string[]): Buffer | undefined {
  if (lines !== lastAmong.lines) lastAmong = { lines, path: pathAmong(lines) };
  return lastAmong.path;
}

let lastAmong: { readonly lines: readonly string[]; readonly path: Buffer | undefined } = {
  lines: [],
  path: undefined,
};

function pathAmong(lines: readonly string[]): Buffer | undefined {
  const path = (prefix: string): string | undefined =>
    lines.find((line) => line.startsWith(prefix))?.slice(prefix.length);
  const unified = path('0::');
  const systemd = lines.find((line) => line.includes(':name=systemd:'))?.replace(/^\d+:name=systemd:/, '');
  const chosen = unified === undefined || unified === '/' ? (systemd ?? unified) : unified;
  return chosen === undefined ? undefined : Buffer.from(chosen, 'latin1');
}

/** The login uid, which a session's processes inherit; undefined when nobody logged in (the kernel's 4294967295). */
export function processLoginUid(pid: number): number | undefined {
  const uid = Number(readProcRecord(`/proc/${pid}/loginuid`).toString('latin1'));
  return uid === 0xffffffff ? undefined : uid;
}

/** The inode number of each namespace, from /proc/PID/ns. */
export function processNamespaces(pid: number | 'self'): Namespaces {
  return namespacesFrom((kind) => readProcLink(`/proc/${pid}/ns/${kind}`).toString('latin1'));
}

/** The same from where the links point. @param linkOf - throws SyscallError ENOENT for a kind that there is not */
export function namespacesFrom(linkOf: (kind: NamespaceKind) => string): Namespaces {
  const namespaces: Namespaces = {};
  let missing: Error | undefined;
  for (const kind of namespaceKinds) {
    try {
      const link = linkOf(kind);
      namespaces[kind] = Number(link.slice(kind.length + 2, -1));
    } catch (error) {
      // The kernel was built without this kind, or without any there is no such process
      if (!failedWith(error, 'ENOENT')) throw error;
      missing = error;
    }
  }
  if (missing !== undefined && Object.keys(namespaces).length === 0) throw missing;
  return namespaces;
}
