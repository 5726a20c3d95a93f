/** What is looked at for sockets' files that are not at the path of bind(2): once, and bounded, for all sockets of a scan. */
import { lstatSync, opendirSync } from 'node:fs';

import { asSyscall } from '../../../native-probe/syscall-error.js';
import type { GuardedDirectory } from '../../socket/guards.js';
import { type Reading, reading, valueOf } from '../../words/reading.js';
import { escapedName } from '../../words/text.js';
import { type FileThere, fileThere, guardsOf, lookUp, type PathView, type Seen, within } from './path-view.js';

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
            error: { syscall: 'the directories on the way were not looked at, as there are too many', code: 'ENOENT' },
          },
    );
  }

  #read(view: PathView, path: Buffer): SocketsThere {
    return asSyscall(escapedName(path), () => {
      const directory = lookUp(view, path).path;
      const opened = opendirSync(within(view, directory), { encoding: 'latin1' });
      const byInode = new Map<number, Pick<Seen, 'file' | 'path'>[]>();
      try {
        for (let count = 0; ; count++) {
          const entry = opened.readSync();
          if (entry === null) return { byInode, isWhole: true };
          if (count === mostEntries || !this.spend(entry.isSocket() ? 2 : 1)) return { byInode, isWhole: false };
          if (!entry.isSocket()) continue;
          const there = Buffer.concat([directory, Buffer.from(`/${entry.name}`, 'latin1')]);
          const file = valueOf(reading(() => statOf(view, there)));
          if (file === undefined) continue;
          const alike = byInode.get(low32(file.inode));
          if (alike === undefined) byInode.set(low32(file.inode), [{ file, path: there }]);
          else alike.push({ file, path: there });
        }
      } finally {
        opened.closeSync();
      }
    });
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

/** The directory has no link on the way any more, so that only the last name is left to look at. */
function statOf(view: PathView, path: Buffer): FileThere {
  return asSyscall(escapedName(path), () => fileThere(lstatSync(within(view, path), { bigint: true })));
}

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  let value = known.get(key);
  if (value === undefined) known.set(key, (value = make()));
  return value;
}
