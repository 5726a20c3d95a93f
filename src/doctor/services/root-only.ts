import { constants } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Fd } from '../../../native-probe/fd.js';
import { targetOf } from '../../../native-probe/link-target.js';
import { type FileStatus, openPath, statusOf } from '../../../native-probe/paths.js';
import { SyscallError } from '../../../native-probe/syscall-error.js';

/** As in the kernel: MAXSYMLINKS in <linux/namei.h>. */
const mostLinks = 40;
const ELOOP = 40;

/**
 * The first thing on the way to a file that somebody else than root may change, and so decide what is found there: a
 * directory, a symbolic link or the file; undefined when root alone may. An access control list that lets others write
 * shows in the group's bits (acl(5)). path_resolution(7)
 *
 * @param path - absolute
 * @throws SyscallError ENOENT, EACCES, ELOOP; ETIMEDOUT or EBUSY where a file system does not answer in time
 */
export function writableByOthers(path: string): string | undefined {
  const names = path.split('/');
  let directory = '/';
  let links = 0;
  using root = look('/');
  if (mayBeChanged(statusOf(root))) return '/';
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      directory = dirname(directory);
      continue;
    }
    const at = join(directory, name);
    using file = look(at);
    const status = statusOf(file);
    if (mayBeChanged(status)) return at;
    if (typeOf(status) !== constants.S_IFLNK) {
      directory = at;
      continue;
    }
    if (++links > mostLinks) throw new SyscallError('lstat', ELOOP, path);
    const target = targetOf(file, at).toString();
    if (target.startsWith('/')) directory = '/';
    names.unshift(...target.split('/'));
  }
  return undefined;
}

function look(path: string): Fd {
  return openPath(Buffer.from(path), path, undefined, constants.O_NOFOLLOW);
}

function typeOf({ mode }: FileStatus): number {
  return mode & constants.S_IFMT;
}

function mayBeChanged(status: FileStatus): boolean {
  if (status.uid !== 0) return true;
  // A symbolic link's mode says nothing, and in a sticky directory only root may replace what is root's. inode(7)
  const type = typeOf(status);
  if (type === constants.S_IFLNK || (type === constants.S_IFDIR && (status.mode & 0o1000) !== 0)) return false;
  return (status.mode & 0o022) !== 0;
}
