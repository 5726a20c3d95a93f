import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';

import { asSyscall, SyscallError } from '../../../native-probe/syscall-error.js';

/** As in the kernel: MAXSYMLINKS in <linux/namei.h>. */
const mostLinks = 40;
const ELOOP = 40;

/**
 * The first thing on the way to a file that somebody else than root may change, and so decide what is found there: a
 * directory, a symbolic link or the file; undefined when root alone may. An access control list that lets others write
 * shows in the group's bits (acl(5)). path_resolution(7)
 *
 * @param path - absolute
 * @throws SyscallError ENOENT, EACCES, ELOOP
 */
export function writableByOthers(path: string): string | undefined {
  const names = path.split('/');
  let directory = '/';
  let links = 0;
  if (mayBeChanged(look('/'))) return '/';
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      directory = dirname(directory);
      continue;
    }
    const at = join(directory, name);
    const stats = look(at);
    if (mayBeChanged(stats)) return at;
    if (!stats.isSymbolicLink()) {
      directory = at;
      continue;
    }
    if (++links > mostLinks) throw new SyscallError('lstat', ELOOP, path);
    const target = asSyscall(at, () => readlinkSync(at));
    if (target.startsWith('/')) directory = '/';
    names.unshift(...target.split('/'));
  }
  return undefined;
}

function look(path: string): Stats {
  return asSyscall(path, () => lstatSync(path));
}

function mayBeChanged(stats: Stats): boolean {
  if (stats.uid !== 0) return true;
  // A symbolic link's mode says nothing, and in a sticky directory only root may replace what is root's. inode(7)
  if (stats.isSymbolicLink() || (stats.isDirectory() && (stats.mode & 0o1000) !== 0)) return false;
  return (stats.mode & 0o022) !== 0;
}
