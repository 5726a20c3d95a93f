import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';

import type { AccessEntry } from '../../native-probe/access-list.js';
import type { Fd } from '../../native-probe/fd.js';
import { openPath, pathOf, statusOf } from '../../native-probe/paths.js';
import type { InWhose } from '../../native-probe/proc/mount.js';
import { asSyscall } from '../../native-probe/syscall-error.js';
import { type Reading, reading, valueOf } from '../words/reading.js';
import { escapedName } from '../words/text.js';
import { toEnter } from './access/classes.js';
import { keepsOut } from './access/keeps-out.js';
import { listAt } from './access/way.js';

/**
 * A directory on the way to a socket that not everybody may enter (search permission, path_resolution(7)), by its mode or
 * its access control list.
 */
export interface GuardedDirectory {
  readonly path: Buffer;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  /** Its access control list; absent where it has none, or its file system might not answer. */
  readonly accessList?: readonly AccessEntry[] | undefined;
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
 * Directories on the path to a file that not everybody may enter. The file may vanish meanwhile.
 *
 * @param held - the file itself, where it is held open: the way to it is told, wherever the path leads by then
 */
export function guardedDirectories(path: Buffer, held?: Fd): Reading<readonly GuardedDirectory[]> {
  return reading(() => {
    const directories = held === undefined ? directoriesTo(path) : directoriesAbove(held, path);
    return directories.flatMap((directory) => {
      using opened = openPath(directory, escapedName(directory));
      return guardAt(opened, directory);
    });
  });
}

/**
 * A directory, where it keeps anybody out.
 *
 * @param path - that leads to it
 * @param whose - in whose mount namespace it is
 */
export function guardAt(directory: Fd, path: Buffer, whose: InWhose = 'self'): GuardedDirectory[] {
  const { uid, gid, mode } = statusOf(directory);
  const guard = { path, uid, gid, mode, accessList: listAt(directory, whose) };
  return keepsOut(guard, toEnter) ? [guard] : [];
}
