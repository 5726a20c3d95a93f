import { basename } from 'node:path';

import type { DiagSocket } from '../../../native-probe/diag-socket.js';
import type { OpenedFile } from '../../../native-probe/siocunixfile.js';
import type { GuardedDirectory } from '../../socket/guards.js';
import type { HeldBy } from '../../socket/held-socket.js';
import type { SocketFile } from '../../socket/socket-file.js';
import { errorCodeOf, type Reading, valueOf } from '../../words/reading.js';
import { byNumbers, exactly, originalOf } from './file-identity.js';
import { isRelative, looksThrough, stillTheirs, unknown } from './holders-look.js';
import { fromLooksThatAgree, type Looks } from './looks.js';
import { low32, PathSearch } from './path-search.js';
import { type FileThere, ownView, type PathView, type Seen, viewsOf } from './path-view.js';
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
 * still be reached is never called deleted or replaced. What follows from several looks is concluded only where all of
 * the paths still lead to the same files afterwards.
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
  return fromLooksThatAgree(
    (looks) => {
      const found = findBoundFile(socket, holders, search, looks);
      const there = valueOf(found);
      const isCertain =
        there?.there === 'bound' || there?.there === 'deleted' || (there?.there === 'replaced' && there.deleted);
      return isCertain ? found : (looks.unanswered ?? found);
    },
    (found) => valueOf(found)?.there === 'bound',
    (found) => isOfTwoMoments(valueOf(found), socket),
  );
}

/** Whether a file is said to have been renamed to its own path, or that path to be taken by the file itself. */
function isOfTwoMoments(found: BoundFile | undefined, { address }: DiagSocket): boolean {
  if (found?.there !== 'moved') return false;
  const { to, by, file } = found;
  const isByItself = by?.device === file.device && by.inode === file.inode;
  return isByItself || (address.kind === 'path' && to.equals(address.path));
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
  const theirs = stillTheirs(valueOf(views), holders, socket);
  const looks = looksThrough(theirs, path, lookAt, (pid) => stillTheirs(theirs, holders, socket).has(pid));
  const found = [...looks, ...(isRelative(path) ? [] : [own])].map(valueOf).find((seen) => seen && isIt(seen));
  if (found !== undefined) return reached(found);
  if (original === undefined) {
    // No holder may be looked through, and our own view may be another
    if ('error' in views) return views;
    if (isRelative(path))
      return unknown('the path is relative, and the holder may have changed its directory since bind(2)');
    const by = looks.map((seen) => valueOf(seen)?.file).find(Boolean);
    const { seen, isWhole } = besideIt(
      [...new Set(theirs.values())],
      path,
      numbers,
      low32(socket.file.inode),
      search,
      lookAt,
    );
    return seen === undefined ? withoutTheKernel(looks, theirs, by, isWhole) : moved(seen, by);
  }

  const { seen: renamed, isWhole } = renamedTo(
    original,
    [...new Set([...theirs.values(), ownView])],
    isIt,
    search,
    lookAt,
  );
  if (renamed !== undefined) {
    if (!isRelative(path)) return moved(renamed, takenBy(path, original, theirs, lookAt));
    // A relative path is still good for whoever is in the right directory
    return nameOf(renamed.path) === nameOf(path) ? reached(renamed) : moved(renamed, undefined);
  }
  if (original.links > 0) {
    return unknown(
      isWhole
        ? 'the file has a name, but no path that we may look through leads to it'
        : 'the file has a name, but the search for it was not finished',
    );
  }
  const by = takenBy(path, original, theirs, lookAt);
  return { value: by === undefined ? { there: 'deleted' } : { there: 'replaced', by, deleted: true } };
}

/** What is now at the path, in the view of whoever called bind(2); for a relative path, where the file was last. */
function takenBy(
  path: Buffer,
  original: OpenedFile,
  views: ReadonlyMap<number, PathView>,
  lookAt: Looks,
): FileThere | undefined {
  const last = lastPathOf(original);
  const at = isRelative(path) ? last : path;
  // The kernel tells the file's place from outside of a chroot(2), which the holder may have called after bind(2)
  const binders = new Set([...views.values()].map((view) => (view.ours && at.equals(last) ? ownView : view)));
  if (binders.size === 0) binders.add(ownView);
  return [...binders].map((view) => valueOf(lookAt.at(view, at))?.file).find(Boolean);
}

function nameOf(path: Buffer): string {
  return basename(path.toString('latin1'));
}

/** Concludes from what the holders' own views have at the path, where the kernel does not give us the file. */
function withoutTheKernel(
  looks: readonly Reading<Seen>[],
  views: ReadonlyMap<number, PathView>,
  by: FileThere | undefined,
  isWhole: boolean,
): Reading<BoundFile> {
  if (views.size === 0) {
    return unknown('we may not look through any holder, and the path may mean another file to it than to us');
  }
  const cut = isWhole ? {} : ({ cut: true } as const);
  if (by !== undefined) return { value: { there: 'replaced', by, deleted: false, ...cut } };
  const isGone = looks.some((seen) => ['ENOENT', 'ENOTDIR'].includes(errorCodeOf(seen) ?? ''));
  if (isGone) return { value: { there: 'missing', ...cut } };
  return looks.find((seen) => 'error' in seen) ?? unknown('nobody looked');
}
