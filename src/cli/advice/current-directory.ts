import { isAbsolute } from 'node:path';

import { nodeFailedWith } from '../../../native-probe/syscall-error.js';

/**
 * What to do about a path that leads nowhere because the directory in which
 * peerpid was started has been removed since; undefined where that is not why.
 * A removed directory can still be looked at, but it is empty, and no file can be made in it.
 */
export function removedDirectoryHint(path: string): string | undefined {
  if (isAbsolute(path)) return undefined;
  try {
    process.cwd();
    return undefined;
  } catch (error) {
    // getcwd(3)
    if (!nodeFailedWith(error, 'ENOENT')) throw error;
    return 'The current directory has been removed: leave it with `cd`, or give an absolute path.';
  }
}
