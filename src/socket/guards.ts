import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';

import type { AccessEntry } from '../../native-probe/access-list.js';
import type { Fd } from '../../native-probe/fd.js';
import { openPath, pathOf, statusOf } from '../../native-probe/paths.js';
import { asSyscall } from '../../native-probe/syscall-error.js';
import { type Reading, reading, valueOf } from '../words/reading.js';
import { escapedName } from '../words/text.js';
import { classesOf, toEnter } from './access/classes.js';
import { listAt } from './access/way.js';

/**
 * A directory on the way to a socket that not everybody may enter (search permission, path_resolution(7)): others than
 * owner and group may not, or somebody whom its access control list names.
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
 * Directories on the way to a file that not everybody may enter. The file may vanish meanwhile.
 *
 * @param held - the file itself, where it is held open: the way to it is told, wherever the path leads by then
 */
export function guardedDirectories(path: Buffer, held?: Fd): Reading<readonly GuardedDirectory[]> {
  return reading(() => {
    const directories = held === undefined ? directoriesTo(path) : directoriesAbove(held, path);
    return directories.flatMap((directory) => {
      using opened = openPath(directory, escapedName(directory));
      const { uid, gid, mode } = statusOf(opened);
      const guard = { path: directory, uid, gid, mode, accessList: listAt(opened) };
      return (mode & 0o001) === 0 || keepsSomebodyOut(guard) ? [guard] : [];
    });
  });
}

/** Whether the access control list names somebody whom it does not let enter. */
function keepsSomebodyOut({ accessList, ...file }: GuardedDirectory): boolean {
  if (accessList === undefined) return false;
  const { users, groups } = classesOf({ ...file, accessList }, toEnter);
  return [...users, ...groups].some(({ isLetIn }) => !isLetIn);
}
