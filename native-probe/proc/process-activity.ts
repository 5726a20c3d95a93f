/** What keeps a process that has not ended from going on. */
import { cgroupDirectory } from './cgroup-mounts.js';
import { failedWith } from '../syscall-error.js';
import type { ProcessStat } from './process.js';
import { readProc } from './read.js';

/**
 * `stopped` by a signal of job control; `traced`: its tracer holds it; `frozen` with its cgroup; `ending`: its first
 * thread is in _exit(2); `first-thread-ended`, while others run on. What /proc/PID/stat says is of the first thread.
 */
export type Activity = 'stopped' | 'traced' | 'frozen' | 'ending' | 'first-thread-ended';

/**
 * What keeps a process from going on; undefined where nothing of that is seen.
 *
 * @param directory - the process's below /proc: its number, or `self/fd/N` for one that is open
 * @throws SyscallError ENOENT or ESRCH when it has ended; EACCES when its cgroup may not be looked at
 */
export function activityOf(directory: number | string, stat: ProcessStat): Activity | undefined {
  const { state, threads, isExiting } = stat;
  switch (state) {
    case 'T':
      return 'stopped';
    case 't':
      return 'traced';
    case 'Z':
      return threads > 1 ? 'first-thread-ended' : undefined;
    case 'S':
    case 'D':
      if (isExiting) return 'ending';
      // Of cgroup v2 it sleeps as others do (do_freezer_trap() in kernel/signal.c), of v1 it is in state D
      return isFrozen(directory) ? 'frozen' : undefined;
    default:
      return isExiting && state !== 'X' ? 'ending' : undefined;
  }
}

/** Whether all of the process's cgroup is frozen, by itself or with one above it. cgroups(7), `cgroup.events`, `freezer.state` */
function isFrozen(directory: number | string): boolean {
  const lines = readProc(`/proc/${directory}/cgroup`).toString('latin1').split('\n');
  const unified = lines.find((line) => line.startsWith('0::'))?.slice(3);
  if (unified !== undefined && says(cgroupDirectory('unified', unified), 'cgroup.events', /^frozen 1$/m)) return true;
  const v1 = lines.find((line) => /^\d+:([^:]*,)?freezer[,:]/.test(line))?.replace(/^\d+:[^:]*:/, '');
  return v1 !== undefined && says(cgroupDirectory('freezer', v1), 'freezer.state', /^FROZEN$/m);
}

/** The root of a tree has no such file, and cannot be frozen. */
function says(cgroup: Buffer | undefined, file: string, what: RegExp): boolean {
  if (cgroup === undefined) return false;
  try {
    return what.test(readProc(Buffer.concat([cgroup, Buffer.from(`/${file}`)])).toString('latin1'));
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENODEV')) return false;
    throw error;
  }
}
