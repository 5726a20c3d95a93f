/** The directories that a path leads through, and what each says of who is let in. */
import { constants } from 'node:fs';
import { join } from 'node:path';

import { type AccessEntry, accessListOf } from '../../../native-probe/access-list.js';
import type { Fd } from '../../../native-probe/fd.js';
import { type FileStatus, linkOf, openPath, statusOf } from '../../../native-probe/paths.js';
import { type InWhose, isLocal } from '../../../native-probe/proc/mount.js';
import { type Reading, reading, valueOf } from '../../words/reading.js';
import { escapedName } from '../../words/text.js';
import { type Bar, barOf } from './bar.js';

/** `not-asked`: the file system may decide itself who is let in, or not answer, as FUSE and NFS do. */
export type AccessList = Reading<readonly AccessEntry[]> | 'not-asked';

/** A directory that a path leads through, or the file at its end. */
export interface Passed {
  readonly path: Buffer;
  readonly status: FileStatus;
  readonly accessList: AccessList;
  readonly bar: Bar | undefined;
}

/** How far a path can be followed by us. */
export interface Way {
  /** From the root on, with those that symbolic links lead through. */
  readonly directories: readonly Passed[];
  /** The file at the end; undefined behind links that are not followed, an error where we do not come so far. */
  readonly end: Reading<Passed | undefined>;
}

/** MAXSYMLINKS. path_resolution(7) */
const mostLinks = 40;

/** Follows a path as connect(2) does, to its end or to where we may not go on, without waiting for its file systems. */
export function wayTo(path: Buffer): Way {
  const directories: Passed[] = [];
  return { directories, end: reading(() => follow(path.toString('latin1'), directories)) };
}

/** @param path - as latin1, which keeps every byte */
function follow(path: string, directories: Passed[]): Passed | undefined {
  const start = path.startsWith('/') ? '' : Buffer.from(process.cwd()).toString('latin1');
  const todo = ['/', ...namesOf(`${start}/${path}`)];
  let at = '/';
  for (let links = 0; ;) {
    const next = join(at, todo.shift() ?? '');
    const there = look(next);
    if (there === undefined) return undefined;
    if (Buffer.isBuffer(there)) {
      if (++links > mostLinks) return undefined;
      const target = there.toString('latin1');
      todo.unshift(...(target.startsWith('/') ? ['/'] : []), ...namesOf(target));
      if (target.startsWith('/')) at = '/';
      if (todo.length === 0) todo.push('.');
      continue;
    }
    if (todo.length === 0) return there;
    directories.push(there);
    at = next;
  }
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

/** What a path leads to; the target of a link, or undefined where its file system is not asked for that. */
function look(path: string): Passed | Buffer | undefined {
  const bytes = Buffer.from(path, 'latin1');
  using file = openPath(bytes, escapedName(bytes), undefined, constants.O_NOFOLLOW);
  const status = statusOf(file);
  if ((status.mode & constants.S_IFMT) !== constants.S_IFLNK) {
    return { path: bytes, status, accessList: accessListAt(file), bar: barOf(file, status) };
  }
  const local = reading(() => isLocal(file));
  return 'value' in local && local.value === true ? linkOf(file) : undefined;
}

/** Whether there is a list, as far as that is known. */
export function hasEntries(accessList: AccessList): boolean {
  return accessList !== 'not-asked' && (valueOf(accessList)?.length ?? 0) > 0;
}

/** The access control list of a file; undefined where it has none, or it cannot be had. */
export function listAt(file: Fd, whose: InWhose = 'self'): readonly AccessEntry[] | undefined {
  const accessList = accessListAt(file, whose);
  const entries = accessList === 'not-asked' ? undefined : valueOf(accessList);
  return entries?.length === 0 ? undefined : entries;
}

/**
 * The access control list of a file, unless its file system might not answer.
 *
 * @param whose - in whose mount namespace the file is
 */
export function accessListAt(file: Fd, whose: InWhose = 'self'): AccessList {
  const local = reading(() => isLocal(file, whose));
  if ('error' in local) return local;
  return local.value === true ? reading(() => accessListOf(file)) : 'not-asked';
}
