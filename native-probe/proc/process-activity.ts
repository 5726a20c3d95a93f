/** What keeps a process that has not ended from going on. */
import { cgroupDirectory } from './cgroup-mounts.js';
import type { ProcessStat } from './process.js';
import { readIfThere } from './read.js';

/**
 * `stopped` by a signal of job control; `traced`: its tracer holds it; `frozen` with its cgroup; `ending`: its first
 * thread is in _exit(2); `first-thread-ended`, while others run on. What /proc/PID/stat says is of the first thread.
 */
export type Activity = 'stopped' | 'traced' | 'frozen' | 'ending' | 'first-thread-ended';

/**
 * What keeps a process from going on; undefined where nothing of that is seen.
 *
 * @param cgroups - reads the lines of its /proc/PID/cgroup, which are not always needed
 * @throws SyscallError as `cgroups` does; EACCES when its cgroup may not be looked at
 */
export function activityOf(stat: ProcessStat, cgroups: () => readonly string[]): Activity | undefined {
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
      return isFrozen(cgroups()) ? 'frozen' : undefined;
    default:
      return isExiting && state !== 'X' ? 'ending' : undefined;
  }
}

/** Whether only its cgroup tells if it goes on. */
export function mayBeFrozen({ state, isExiting }: ProcessStat): boolean {
  return (state === 'S' || state === 'D') && !isExiting;
}

/** Whether all of the process's cgroup is frozen, by itself or with one above it. cgroups(7), `cgroup.events`, `freezer.state` */
function isFrozen(lines: readonly string[]): boolean {
  const unified = lines.find((line) => line.startsWith('0::'))?.slice(3);
  if (unified !== undefined && says(cgroupDirectory('unified', unified), 'cgroup.events', /^frozen 1$/m)) return true;
  const v1 = lines.find((line) => /^\d+:([^:]*,)?freezer[,:]/.test(line))?.replace(/^\d+:[^:]*:/, '');
  return v1 !== undefined && says(cgroupDirectory('freezer', v1), 'freezer.state', /^FROZEN$/m);
}

/** The root of a tree has no such file, and cannot be frozen. */
function says(cgroup: Buffer | undefined, file: 'cgroup.events' | 'freezer.state', what: RegExp): boolean {
  const said = cgroup && readIfThere(Buffer.concat([cgroup, endings[file]]));
  return said !== undefined && what.test(said.toString('latin1'));
}

const endings = {
  'cgroup.events': Buffer.from('/cgroup.events\0'),
  'freezer.state': Buffer.from('/freezer.state\0'),
} as const;
