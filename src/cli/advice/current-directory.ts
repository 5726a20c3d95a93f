import { isAbsolute } from 'node:path';

/**
 * What to do about a path that leads nowhere because the directory in which
 * peerpid was started has been removed since; undefined where that is not why.
 * Such a directory is still there to be looked at, but holds nothing, and takes nothing.
 */
export function removedDirectoryHint(path: string): string | undefined {
  if (isAbsolute(path)) return undefined;
  try {
    process.cwd();
    return undefined;
  } catch {
    // getcwd(3): ENOENT
    return 'The current directory has been removed: leave it with `cd`, or give an absolute path.';
  }
}
