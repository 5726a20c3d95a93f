/** What is looked at for sockets' files that are not at the path of bind(2): once, and bounded, for all sockets of a scan. */
import { constants } from 'node:fs';

import { entriesOf } from '../../../native-probe/directory-entries.js';
import type { Fd } from '../../../native-probe/fd.js';
import { openPath, statusOf } from '../../../native-probe/paths.js';
import type { GuardedDirectory } from '../../socket/guards.js';
import { type Reading, reading, valueOf } from '../../words/reading.js';
import { escapedName } from '../../words/text.js';
import { type FileThere, fileThere, guardsOf, openIn, pathIn, type PathView, type Seen } from './path-view.js';

/** The sockets in a directory as they were when it was read, by 32 bits of their inode numbers. */
export interface SocketsThere {
  readonly byInode: ReadonlyMap<number, readonly Pick<Seen, 'file' | 'path'>[]>;
  /** Whether all entries were looked at. */
  readonly isWhole: boolean;
}

/** Entries of directories and parts of paths. A look takes some microseconds. */
export const mostLooks = 50_000;

/** How many entries of one directory are read, so that the next listener's is read too. */
export const mostEntries = 10_000;

/** A path that is no longer than this costs nothing: nobody's directories are to be unknown for another's. */
const shortPath = 64;

/** The bounds of a search, and what it has seen already. */
export class PathSearch {
  #left: number;
  readonly #directories = new Map<string, SocketsThere>();
  readonly #guards = new Map<string, Reading<readonly GuardedDirectory[]>>();

  /** @param looks - how many are taken at most */
  constructor(looks = mostLooks) {
    this.#left = looks;
  }

  /** Takes looks from those that are left. @returns false where there are too few, so that none may be taken */
  spend(looks: number): boolean {
    if (looks > this.#left) return false;
    this.#left -= looks;
    return true;
  }

  /** The sockets in a directory, which is read once. */
  socketsIn(view: PathView, path: Buffer): SocketsThere {
    return remembered(this.#directories, `${view.id}\0${path.toString('latin1')}`, () => {
      if (!this.spend(partsOf(path))) return { byInode: new Map(), isWhole: false };
      return valueOf(reading(() => this.#read(view, path))) ?? { byInode: new Map(), isWhole: true };
    });
  }

  /** As {@link guardsOf}, once for each directory. */
  guardsOf(seen: Seen): Reading<readonly GuardedDirectory[]> {
    const directory = seen.path.subarray(0, Math.max(0, seen.path.lastIndexOf('/')));
    const parts = partsOf(directory);
    return remembered(this.#guards, `${seen.view.id}\0${directory.toString('latin1')}`, () =>
      parts <= shortPath || this.spend(parts)
        ? guardsOf(seen)
        : {
            error: { syscall: 'there are too many directories on its path to look at', code: 'ENOENT' },
          },
    );
  }

  #read(view: PathView, path: Buffer): SocketsThere {
    using opened = openIn(view, path);
    const directory = pathIn(view, opened);
    const byInode = new Map<number, Pick<Seen, 'file' | 'path'>[]>();
    const { entries, isWhole } = entriesOf(opened, escapedName(path));
    for (const [index, { name, isSocket }] of entries.entries()) {
      if (index === mostEntries || !this.spend(isSocket === false ? 1 : 2)) return { byInode, isWhole: false };
      if (isSocket === false) continue;
      const file = valueOf(reading(() => socketAt(opened, name)));
      if (file?.isSocket !== true) continue;
      const there = Buffer.concat([directory, Buffer.from('/'), name]);
      const alike = byInode.get(low32(file.inode));
      if (alike === undefined) byInode.set(low32(file.inode), [{ file, path: there }]);
      else alike.push({ file, path: there });
    }
    return { byInode, isWhole };
  }
}

/** How many names a path has. */
export function partsOf(path: Buffer): number {
  let parts = 1;
  for (const byte of path) if (byte === 0x2f) parts++;
  return parts;
}

/** What UNIX_DIAG_VFS tells of an inode number. */
export function low32(inode: bigint): number {
  return Number(inode & 0xffffffffn);
}

/** What is in a directory, and no link to elsewhere. */
function socketAt(directory: Fd, name: Buffer): FileThere {
  using file = openPath(name, escapedName(name), directory, constants.O_NOFOLLOW);
  return fileThere(statusOf(file));
}

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  let value = known.get(key);
  if (value === undefined) known.set(key, (value = make()));
  return value;
}
