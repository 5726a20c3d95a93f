/** Where a socket's file is when it is not at the path of bind(2): HAProxy, for one, binds a name and renames it. */
import { dirname } from 'node:path';

import type { OpenedFile } from '../../../native-probe/siocunixfile.js';
import { valueOf } from '../../words/reading.js';
import type { Recognise } from './file-identity.js';
import type { Looks } from './looks.js';
import { low32, partsOf, type PathSearch } from './path-search.js';
import { type PathView, type Seen, withoutMark } from './path-view.js';

/** Where the kernel has the file now, or had it when its last name was removed. */
export function lastPathOf({ path, links }: OpenedFile): Buffer {
  return links === 0 ? withoutMark(path) : path;
}

/** What a search found, and whether it went to its end. */
export interface Searched {
  readonly seen: Seen | undefined;
  readonly isWhole: boolean;
}

/** The file where the kernel has it, in the first view that leads there. */
export function renamedTo(
  original: OpenedFile,
  views: readonly PathView[],
  isIt: Recognise,
  search: PathSearch,
  lookAt: Looks,
): Searched {
  if (original.links === 0) return { seen: undefined, isWhole: true };
  let isWhole = true;
  for (const view of views) {
    // It may be longer than any that was bound
    if (!search.spend(partsOf(original.path))) {
      isWhole = false;
      continue;
    }
    const seen = valueOf(lookAt.at(view, original.path));
    if (seen !== undefined && isIt(seen)) return { seen, isWhole };
  }
  // A file of several names, of which the one that was bound is gone, may have another beside it
  const beside = besideIt(views, original.path, isIt, low32(original.inode), search, lookAt);
  return { seen: beside.seen, isWhole: isWhole && beside.isWhole };
}

/** The file under another name in the directory of a path. @param inode - 32 bits of the file's inode number */
export function besideIt(
  views: readonly PathView[],
  path: Buffer,
  isIt: Recognise,
  inode: number,
  search: PathSearch,
  lookAt: Looks,
): Searched {
  const directory = Buffer.from(dirname(path.toString('latin1')), 'latin1');
  let isWhole = true;
  for (const view of views) {
    const there = search.socketsIn(view, directory);
    isWhole &&= there.isWhole;
    for (const { file, path } of there.byInode.get(inode) ?? []) {
      // To recognise a file may take a look at the mounts
      if (!search.spend(1)) return { seen: undefined, isWhole: false };
      if (!isIt({ view, file, path })) continue;
      // The directory may have been read for another socket, some time ago
      const seen = valueOf(lookAt.at(view, path));
      if (seen !== undefined && isIt(seen)) return { seen, isWhole };
    }
  }
  return { seen: undefined, isWhole };
}
