import { basename } from 'node:path';

import type { DiagSocket } from '../../../native-probe/diag-socket.js';
import { stillHas } from '../../../native-probe/proc/fd-table.js';
import type { OpenedFile } from '../../../native-probe/siocunixfile.js';
import type { GuardedDirectory } from '../../socket/guards.js';
import type { HeldBy } from '../../socket/held-socket.js';
import type { SocketFile } from '../../socket/socket-file.js';
import { errorCodeOf, isUnanswered, type Reading, reading, valueOf } from '../../words/reading.js';
import { byNumbers, exactly, originalOf } from './file-identity.js';
import { low32, PathSearch } from './path-search.js';
import { type FileThere, lookUp, ownView, type PathView, type Seen, viewsOf, workingDirectory } from './path-view.js';
import { besideIt, lastPathOf, renamedTo } from './renamed-file.js';
import { wayFromHere } from './way-from-here.js';

/** The file of a socket, and the directories on the way to it that not everybody may enter. */
interface Reachable {
  readonly file: SocketFile;
  readonly guards: Reading<readonly GuardedDirectory[]>;
  /** The path by which we reach it, where that is not the one of bind(2). */
  readonly way?: Buffer | undefined;
}

/** Whether the path that a socket was bound to still leads to it. */
export type BoundFile =
  | ({ readonly there: 'bound' } & Reachable)
  /** The file was renamed, as some servers do on purpose: `to` is where it was found, `by` what has its path now. */
  | ({ readonly there: 'moved'; readonly to: Buffer; readonly by: FileThere | undefined } & Reachable)
  /** The file has no name any more, and nothing else was seen at its path. */
  | { readonly there: 'deleted' }
  /** Nothing is at its path. The kernel would not say whether the file has a name elsewhere. `cut`: nor was all searched. */
  | { readonly there: 'missing'; readonly cut?: true }
  /** Something else is at its path. `deleted`: it is certain that the file has no name elsewhere. `cut`: not all was searched. */
  | { readonly there: 'replaced'; readonly by: FileThere; readonly deleted: boolean; readonly cut?: true };

/**
 * Whether the path that a listener or a receiver was bound to still leads to
 * it. The path is looked up as we see it and as each holder sees it; where no
 * view finds the file, the kernel is asked for it, so that a file which can
 * still be reached is never called deleted or replaced.
 *
 * @param socket - one that is bound to a path
 * @param holders - who has it open, as far as that is known
 * @param search - bounds what is looked at, as a rule for a whole scan
 * @returns an error where nobody can say
 */
export function boundFile(
  socket: DiagSocket,
  holders: readonly HeldBy[],
  search = new PathSearch(),
): Reading<BoundFile> {
  const looks = new Looks();
  const found = findBoundFile(socket, holders, search, looks);
  const there = valueOf(found);
  const isCertain =
    there?.there === 'bound' || there?.there === 'deleted' || (there?.there === 'replaced' && there.deleted);
  return isCertain ? found : (looks.unanswered ?? found);
}

/** Looks at paths, and whether one was not answered: then it may lead to the file, whatever the others do. */
class Looks {
  unanswered: Reading<never> | undefined;

  at(...[view, path, from]: Parameters<typeof lookUp>): Reading<Seen> {
    const seen = reading(() => lookUp(view, path, from));
    if (isUnanswered(seen)) this.unanswered ??= seen;
    return seen;
  }
}

function findBoundFile(
  socket: DiagSocket,
  holders: readonly HeldBy[],
  search: PathSearch,
  lookAt: Looks,
): Reading<BoundFile> {
  const reached = (seen: Seen): Reading<BoundFile> => ({
    value: { there: 'bound', file: seen.file, guards: search.guardsOf(seen), way: wayFromHere(seen) },
  });
  const moved = (seen: Seen, by: FileThere | undefined): Reading<BoundFile> => ({
    value: {
      there: 'moved',
      to: seen.path,
      by,
      file: seen.file,
      guards: search.guardsOf(seen),
      way: wayFromHere(seen),
    },
  });
  if (socket.address.kind !== 'path' || socket.file === undefined) return unknown('the socket is bound to no file');
  const { path } = socket.address;
  const numbers = byNumbers(socket);
  const own = lookAt.at(ownView, path);
  if (!isRelative(path) && 'value' in own && numbers(own.value)) {
    return { value: { there: 'bound', file: own.value.file, guards: search.guardsOf(own.value) } };
  }

  const original = valueOf(originalOf(socket, holders));
  const isIt = original === undefined ? numbers : exactly(original);
  const views = viewsOf(holders.map(({ pid }) => pid));
  const theirs = valueOf(views) ?? new Map<number, PathView>();
  const looks = looksThrough(theirs, path, lookAt);
  const found = [...looks, ...(isRelative(path) ? [] : [own])].map(valueOf).find((seen) => seen && isIt(seen));
  if (found !== undefined) return reached(found);
  if (original === undefined) {
    // No holder may be looked through, and our own view may be another
    if ('error' in views) return views;
    if (isRelative(path))
      return unknown('the path is relative, and the holder may have changed directory since bind(2)');
    const by = looks.map((seen) => valueOf(seen)?.file).find(Boolean);
    const { seen, isWhole } = besideIt([...new Set(theirs.values())], path, numbers, low32(socket.file.inode), search);
    return seen === undefined ? withoutTheKernel(looks, theirs, holders, socket, by, isWhole) : moved(seen, by);
  }

  const { seen: renamed, isWhole } = renamedTo(original, [...new Set([...theirs.values(), ownView])], isIt, search);
  if (renamed !== undefined) {
    if (!isRelative(path)) return moved(renamed, takenBy(path, original, theirs));
    // A relative path is still good for whoever is in the right directory
    return nameOf(renamed.path) === nameOf(path) ? reached(renamed) : moved(renamed, undefined);
  }
  if (original.links > 0) {
    return unknown(
      isWhole
        ? 'the file has a name, and nothing that may be looked through leads to it'
        : 'the file has a name, and was not searched for further',
    );
  }
  const by = takenBy(path, original, theirs);
  return { value: by === undefined ? { there: 'deleted' } : { there: 'replaced', by, deleted: true } };
}

/** What is now at the path, in the view of whoever called bind(2); for a relative path, where the file was last. */
function takenBy(path: Buffer, original: OpenedFile, views: ReadonlyMap<number, PathView>): FileThere | undefined {
  const last = lastPathOf(original);
  const at = isRelative(path) ? last : path;
  // The kernel tells the file's place from outside of a chroot(2), which the holder may have called after bind(2)
  const binders = new Set([...views.values()].map((view) => (view.ours && at.equals(last) ? ownView : view)));
  if (binders.size === 0) binders.add(ownView);
  return [...binders].map((view) => valueOf(reading(() => lookUp(view, at)))?.file).find(Boolean);
}

/** Whether a path means something else to another process than to the one that gave it. */
function isRelative(path: Buffer): boolean {
  return !/^\/(?!proc\/(?:self|thread-self)\/|dev\/fd\/)/.test(path.toString('latin1'));
}

function nameOf(path: Buffer): string {
  return basename(path.toString('latin1'));
}

/** What each distinct view has at an absolute path, or each holder's working directory at a relative one. */
function looksThrough(views: ReadonlyMap<number, PathView>, path: Buffer, lookAt: Looks): Reading<Seen>[] {
  if (!isRelative(path)) return [...new Set(views.values())].map((view) => lookAt.at(view, path));
  if (path.toString('latin1').startsWith('/')) return [];
  return [...views].map(([pid, view]) => {
    const from = reading(() => workingDirectory(pid, view));
    return 'error' in from ? from : lookAt.at(view, path, from.value);
  });
}

/** Concludes from what the holders' own views have at the path, where the kernel does not give us the file. */
function withoutTheKernel(
  looks: readonly Reading<Seen>[],
  views: ReadonlyMap<number, PathView>,
  holders: readonly HeldBy[],
  socket: DiagSocket,
  by: FileThere | undefined,
  isWhole: boolean,
): Reading<BoundFile> {
  // A holder that has ended meanwhile was perhaps not looked through at all
  if (!holders.some((holder) => views.has(holder.pid) && stillHas(holder, socket.inode))) {
    return unknown('no holder may be looked through, and the path may mean another file to it than to us');
  }
  const cut = isWhole ? {} : ({ cut: true } as const);
  if (by !== undefined) return { value: { there: 'replaced', by, deleted: false, ...cut } };
  const isGone = looks.some((seen) => ['ENOENT', 'ENOTDIR'].includes(errorCodeOf(seen) ?? ''));
  if (isGone) return { value: { there: 'missing', ...cut } };
  return looks.find((seen) => 'error' in seen) ?? unknown('nobody looked');
}

function unknown(why: string): Reading<never> {
  return { error: { syscall: why, code: 'ENOENT' } };
}
