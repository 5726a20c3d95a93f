import type { Activity } from '../../native-probe/proc/process-activity.js';

/** What keeps a process that has not ended, in place of `running`. */
export const activityText: Readonly<Record<Activity, string>> = {
  stopped: 'stopped',
  traced: 'held by its tracer',
  frozen: 'frozen with its cgroup',
  ending: 'ending',
  'first-thread-ended': 'running without its first thread',
};

/** Those in which a process does nothing at all. */
export const suspending: ReadonlySet<Activity> = new Set<Activity>(['stopped', 'traced', 'frozen']);
