/** Why connect(2) is refused with EACCES: the commonest complaint about local sockets. */
import { accessSync, constants, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { nodeFailedWith, SyscallError } from '../../../native-probe/syscall-error.js';
import { databaseGroups } from '../../../native-probe/user-database.js';
import { SystemNames } from '../../document/names.js';
import { directoriesTo } from '../../socket/guards.js';
import { reading } from '../../words/reading.js';
import { escapedName } from '../../words/text.js';

/** What stands in the way to a socket's file, in a sentence that says what to do. */
export function whyDenied(path: Buffer): string {
  try {
    return closedDirectory(path) ?? closedFile(path);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return 'What forbids it cannot be seen from here. Try with sudo.';
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof SyscallError || nodeFailedWith(error);
}

function nameOfUser(uid: number): string {
  return new SystemNames().user(uid) ?? `uid ${uid}`;
}

function nameOfGroup(gid: number): string {
  return new SystemNames().group(gid) ?? `gid ${gid}`;
}

/** A directory on the way that may not be entered. */
function closedDirectory(path: Buffer): string | undefined {
  for (const directory of parentsOf(path)) {
    if (mayEnter(directory)) continue;
    const { uid, gid, mode } = statSync(directory);
    return `You may not enter ${escapedName(directory)} (mode ${octal(mode)}, ${nameOfUser(uid)} ${nameOfGroup(gid)}): ${groupAdvice(uid, gid, (mode & 0o010) !== 0)}`;
  }
  return undefined;
}

/** The directories on the way to a file, from the root on. Where the path cannot be resolved to its end, which may be what denied it, as far as it can. */
function parentsOf(path: Buffer): Buffer[] {
  try {
    return directoriesTo(path);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return walk(path.toString('latin1')).map((directory) => Buffer.from(directory, 'latin1'));
  }
}

const mostLinks = 40;

/** The directories that path_resolution(7) goes through, up to one that may not be entered. As latin1, which keeps every byte. */
function walk(path: string): string[] {
  const start = path.startsWith('/') ? '' : `${Buffer.from(process.cwd()).toString('latin1')}/`;
  const todo = `${start}${path}`.split('/');
  const passed = ['/'];
  let at = '/';
  for (let links = 0; todo.length > 0;) {
    const next = join(at, todo.shift() ?? '');
    const target = linkTarget(next);
    if (target === undefined) {
      if (todo.length > 0) passed.push((at = next));
      continue;
    }
    if (target === null || ++links > mostLinks) break;
    todo.unshift(...target.split('/'));
    if (target.startsWith('/')) at = '/';
  }
  return passed;
}

/** Where a symbolic link leads; undefined for what is none, null where nobody may look. */
function linkTarget(path: string): string | undefined | null {
  try {
    return readlinkSync(Buffer.from(path, 'latin1'), { encoding: 'latin1' });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return nodeFailedWith(error, 'EINVAL') ? undefined : null;
  }
}

function mayEnter(directory: Buffer): boolean {
  try {
    accessSync(directory, constants.X_OK);
    return true;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return false;
  }
}

/** The file itself is not writable for us, which connect(2) needs. */
function closedFile(path: Buffer): string {
  const { uid, gid, mode } = statSync(path);
  try {
    accessSync(path, constants.W_OK);
    return 'The modes allow it, so something else forbids it: a security module (AppArmor, SELinux: see the kernel log) or a sandbox.';
  } catch (error) {
    if (!nodeFailedWith(error, 'EACCES', 'EPERM', 'EROFS')) throw error;
    return `Its mode is ${octal(mode)} ${nameOfUser(uid)} ${nameOfGroup(gid)}: ${groupAdvice(uid, gid, (mode & 0o020) !== 0)}`;
  }
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

/** UID_MIN: lower uids are those of services. login.defs(5) */
const firstPersonUid = 1000;
const nobodyUid = 65534;

/** What a user who is not let in can do, if the group would be. */
function groupAdvice(owner: number, gid: number, groupIsLetIn: boolean): string {
  const ours = process.geteuid?.() ?? 0;
  if (!groupIsLetIn) {
    return owner === 0
      ? 'only root may. Try with sudo.'
      : `only ${nameOfUser(owner)} and root may. Try as that user, or with sudo.`;
  }
  const group = nameOfGroup(gid);
  const groups = [process.getegid?.() ?? 0, ...(process.getgroups?.() ?? [])];
  if (groups.includes(gid))
    return 'your group is let in, so an access control list (getfacl) or a security module forbids it.';
  const inDatabase = reading(() => databaseGroups(ours, process.getegid?.() ?? 0));
  if ('error' in inDatabase) {
    return `your session is not in group ${group}, and whether the user database has you in it could not be asked (${inDatabase.error.code}). If you are a member, log in again; else use sudo.`;
  }
  if (inDatabase.value.includes(gid)) {
    return `you are a member of ${group} by the user database, but not in this session. Log in again, or try \`newgrp ${group}\`.`;
  }
  // Neither is an account that a person logs in with
  if (ours < firstPersonUid || ours === nobodyUid) {
    return `${nameOfUser(ours)} is not a member of group ${group}. Run it as a member, or with sudo.`;
  }
  return `you are not a member of group ${group}. Have root run \`usermod -aG ${group} ${nameOfUser(ours)}\` and log in again, or use sudo.`;
}
