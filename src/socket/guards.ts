import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

import type { Fd } from '../../native-probe/fd.js';
import { asSyscall } from '../../native-probe/syscall-error.js';
import { type Reading, reading } from '../words/reading.js';
import { escapedName } from '../words/text.js';

/** A directory on the way to a socket that not everybody may enter (search permission, path_resolution(7)). */
export interface GuardedDirectory {
  readonly path: Buffer;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** Every directory on the way to a file, from the root on, symbolic links resolved. As latin1, which keeps every byte. */
export function directoriesTo(path: Buffer): Buffer[] {
  const directories: Buffer[] = [];
  let directory = dirname(realpathSync.native(path, { encoding: 'buffer' }).toString('latin1'));
  for (;;) {
    directories.unshift(Buffer.from(directory, 'latin1'));
    const parent = dirname(directory);
    if (parent === directory) return directories;
    directory = parent;
  }
}

/**
 * Directories on the way to a file that others than owner and group may not enter. The file may vanish meanwhile.
 *
 * @param held - the file itself, where it is held open: the way to it is told, wherever the path leads by then
 */
export function guardedDirectories(path: Buffer, held?: Fd): Reading<readonly GuardedDirectory[]> {
  const file = held === undefined ? path : Buffer.from(`/proc/self/fd/${held.number}`);
  const look = (): GuardedDirectory[] =>
    directoriesTo(file).flatMap((directory) => {
      const { uid, gid, mode } = statSync(directory);
      return (mode & 0o001) === 0 ? [{ path: directory, uid, gid, mode }] : [];
    });
  return reading(() => asSyscall(escapedName(path), look));
}
