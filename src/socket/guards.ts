import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';

import type { Fd } from '../../native-probe/fd.js';
import { openPath, pathOf, statusAt } from '../../native-probe/paths.js';
import { asSyscall } from '../../native-probe/syscall-error.js';
import { type Reading, reading, valueOf } from '../words/reading.js';
import { escapedName } from '../words/text.js';

/** A directory on the way to a socket that not everybody may enter (search permission, path_resolution(7)). */
export interface GuardedDirectory {
  readonly path: Buffer;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** Every directory on the way to a file, from the root on, symbolic links resolved. @throws SyscallError as stat(2) */
export function directoriesTo(path: Buffer): Buffer[] {
  using file = openPath(path, escapedName(path));
  return directoriesAbove(file, path);
}

/** Of an open file. As latin1, which keeps every byte. @param path - that leads to it, for where there is no /proc */
function directoriesAbove(file: Fd, path: Buffer): Buffer[] {
  const directories: Buffer[] = [];
  let directory = dirname((valueOf(reading(() => pathOf(file))) ?? realPathOf(path)).toString('latin1'));
  for (;;) {
    directories.unshift(Buffer.from(directory, 'latin1'));
    const parent = dirname(directory);
    if (parent === directory) return directories;
    directory = parent;
  }
}

function realPathOf(path: Buffer): Buffer {
  return asSyscall(escapedName(path), () => realpathSync.native(path, { encoding: 'buffer' }));
}

/**
 * Directories on the way to a file that others than owner and group may not enter. The file may vanish meanwhile.
 *
 * @param held - the file itself, where it is held open: the way to it is told, wherever the path leads by then
 */
export function guardedDirectories(path: Buffer, held?: Fd): Reading<readonly GuardedDirectory[]> {
  return reading(() => {
    const directories = held === undefined ? directoriesTo(path) : directoriesAbove(held, path);
    return directories.flatMap((directory) => {
      const { uid, gid, mode } = statusAt(directory, escapedName(directory));
      return (mode & 0o001) === 0 ? [{ path: directory, uid, gid, mode }] : [];
    });
  });
}
