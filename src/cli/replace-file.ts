import { closeSync, constants, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { getSystemErrorMap } from 'node:util';

import { HeldSignals } from '../../native-probe/held-signals.js';
import { leadsSomewhere, openPath, statusOf } from '../../native-probe/paths.js';
import { type Errno, failedWith } from '../../native-probe/syscall-error.js';
import { exitStatuses, Problem, wrongUsage } from '../words/problem.js';
import { removedDirectoryHint } from './advice/current-directory.js';
import { unguessableName } from '../words/unguessable-name.js';

/**
 * Replaces a file at once. The new content is written to another file in the same directory, which is then renamed, so
 * that whoever opens the path finds the whole old file or the whole new one. On failure the old file stays, and nothing else.
 *
 * @throws Problem with what to do about it
 */
export function replaceFile(path: string, content: string | Buffer): void {
  if (path === '') throw wrongUsage('FILE is empty', 'Give --output the path of a file.');
  refuseOther(path);
  // Not a name that ends in .prom, which a collector would read; nor the file's own with something added, which may be too long
  const beside = join(dirname(path), `${unguessableName()}.tmp`);
  using _held = new HeldSignals();
  try {
    writeNew(beside, content);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw notWritten(path, error);
  }
}

/** Refuses what is no regular file: rename(2) would replace it, so that root would lose /dev/null, and a symbolic link its target. */
function refuseOther(path: string): void {
  let kind: string;
  try {
    using found = openPath(Buffer.from(path), path, undefined, constants.O_NOFOLLOW);
    const format = statusOf(found).mode & constants.S_IFMT;
    if (format === constants.S_IFREG) return;
    kind =
      format === constants.S_IFDIR ? 'a directory' : format === constants.S_IFLNK ? 'a symbolic link' : 'not a file';
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return;
    throw notWritten(path, error);
  }
  throw new Problem(
    'NOT_A_FILE',
    `${path} is ${kind}, and is not replaced`,
    'Name a regular file, or one that does not exist yet; without --output everything goes to standard output.',
    exitStatuses.couldNotLook,
  );
}

/** Makes a file that everybody may read, whatever the umask: a collector that reads it runs as another user. */
function writeNew(path: string, content: string | Buffer): void {
  const fd = openSync(path, 'wx', 0o644);
  try {
    fchmodSync(fd, 0o644);
    writeFileSync(fd, content);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function notWritten(path: string, error: unknown): unknown {
  if (!isErrno(error)) return error;
  const meaning = getSystemErrorMap().get(-Math.abs(error.errno))?.[1] ?? error.code;
  return new Problem(
    error.code,
    `${path} cannot be written: ${meaning}`,
    hintFor(error.code, path),
    exitStatuses.couldNotLook,
  );
}

function hintFor(code: string, path: string): string {
  const directory = dirname(path);
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `This needs write permission on its directory, ${directory}: the file is created again each time.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return 'Free space there, or give a path elsewhere. The old file is still there, if there was one.';
    case 'ETIMEDOUT':
      return 'A file system on its path does not answer: give a path elsewhere.';
    case 'ENOENT': {
      const removed = removedDirectoryHint(path);
      if (removed !== undefined) return removed;
      if (!leadsSomewhere(directory)) return `\`mkdir -p ${directory}\` creates its directory.`;
    }
  }
  return 'Give a path in a directory where files can be created.';
}

function isErrno(error: unknown): error is { readonly code: Errno; readonly errno: number } {
  return error instanceof Error && 'code' in error && 'errno' in error && typeof error.errno === 'number';
}
