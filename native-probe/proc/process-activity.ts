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
  if (unified !== undefined && says('unified', unified, /^frozen 1$/m)) return true;
  const v1 = lines.find((line) => /^\d+:([^:]*,)?freezer[,:]/.test(line))?.replace(/^\d+:[^:]*:/, '');
  return v1 !== undefined && says('freezer', v1, /^FROZEN$/m);
}

const endings = { unified: Buffer.from('/cgroup.events\0'), freezer: Buffer.from('/freezer.state\0') } as const;

/** Trees of which we see the very root, which has no such file, and cannot be frozen. */
const withRoot = new Set<keyof typeof endings>();

function says(tree: keyof typeof endings, path: string, what: RegExp): boolean {
  if (path === '/' && withRoot.has(tree)) return false;
  const cgroup = cgroupDirectory(tree, path);
  const said = cgroup && readIfThere(Buffer.concat([cgroup, endings[tree]]));
  if (said === undefined && path === '/') withRoot.add(tree);
  return said !== undefined && what.test(said.toString('latin1'));
}
