/** What the holders of a socket see at a path. */
import type { DiagSocket } from '../../../native-probe/diag-socket.js';
import { openPidfd, pidfdId } from '../../../native-probe/pidfd.js';
import { stillHas } from '../../../native-probe/proc/fd-table.js';
import type { HeldBy } from '../../socket/held-socket.js';
import { type Reading, reading, valueOf } from '../../words/reading.js';
import type { Looks } from './looks.js';
import { type PathView, type Seen, workingDirectory } from './path-view.js';

/** The views of those that are the same processes after they were looked at, rather than others of their numbers. */
export function stillTheirs(
  views: ReadonlyMap<number, PathView> | undefined,
  holders: readonly HeldBy[],
  { inode }: DiagSocket,
): ReadonlyMap<number, PathView> {
  const theirs = new Map<number, PathView>();
  for (const holder of holders) {
    const view = views?.get(holder.pid);
    if (view !== undefined && isStill(holder, inode)) theirs.set(holder.pid, view);
  }
  return theirs;
}

function isStill(holder: HeldBy, inode: number): boolean {
  const { pid, pidfdId: id } = holder;
  if (id === undefined) return stillHas(holder, inode);
  return valueOf(reading(() => idOf(pid))) === id;
}

function idOf(pid: number): bigint | undefined {
  using process = openPidfd(pid);
  return pidfdId(process);
}

/** What each distinct view has at an absolute path, or each holder's working directory at a relative one. */
export function looksThrough(
  views: ReadonlyMap<number, PathView>,
  path: Buffer,
  lookAt: Looks,
  isStill: (pid: number) => boolean,
): Reading<Seen>[] {
  if (!isRelative(path)) return [...new Set(views.values())].map((view) => lookAt.at(view, path));
  if (path.toString('latin1').startsWith('/')) return [];
  return [...views].map(([pid, view]) => {
    const from = reading(() => workingDirectory(pid, view));
    if ('error' in from) return from;
    return isStill(pid) ? lookAt.at(view, path, from.value) : unknown('the holder has ended');
  });
}

/** Whether a path means something else to another process than to the one that gave it. */
export function isRelative(path: Buffer): boolean {
  return !/^\/(?!proc\/(?:self|thread-self)\/|dev\/fd\/)/.test(path.toString('latin1'));
}

/** That nobody can say, in words. */
export function unknown(why: string): Reading<never> {
  return { error: { syscall: why, code: 'ENODATA' } };
}
