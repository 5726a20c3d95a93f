/** Why connect(2) is refused with EACCES: the commonest complaint about local sockets. */
import { accessSync, constants, statSync } from 'node:fs';

import { databaseGroups } from '../native-probe/user-database.js';
import { systemNames } from './names.js';
import { directoriesTo } from './opening/entry.js';
import { escapedName } from './text.js';

/** What stands in the way to a socket's file, in a sentence that says what to do. */
export function whyDenied(path: Buffer): string {
  return closedDirectory(path) ?? closedFile(path);
}

function nameOfUser(uid: number): string {
  return systemNames.user(uid) ?? `uid ${uid}`;
}

function nameOfGroup(gid: number): string {
  return systemNames.group(gid) ?? `gid ${gid}`;
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

/** From the root on; the path itself may not be resolvable, which is why it is asked. */
function parentsOf(path: Buffer): Buffer[] {
  try {
    return directoriesTo(path);
  } catch {
    const absolute = path[0] === 0x2f ? path : Buffer.concat([Buffer.from(`${process.cwd()}/`), path]);
    const parts = absolute.toString('latin1').split('/').slice(1, -1);
    return ['/', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)].map((directory) =>
      Buffer.from(directory, 'latin1'),
    );
  }
}

function mayEnter(directory: Buffer): boolean {
  try {
    accessSync(directory, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The file itself is not writable for us, which connect(2) needs. */
function closedFile(path: Buffer): string {
  const { uid, gid, mode } = statSync(path);
  try {
    accessSync(path, constants.W_OK);
    return 'The modes allow it, so something else forbids it: a security module (AppArmor, SELinux: see the kernel log) or a sandbox.';
  } catch {
    return `Its mode is ${octal(mode)} ${nameOfUser(uid)} ${nameOfGroup(gid)}: ${groupAdvice(uid, gid, (mode & 0o020) !== 0)}`;
  }
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

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
  if (databaseGroups(ours, process.getegid?.() ?? 0).includes(gid)) {
    return `you are a member of ${group} by the user database, but not in this session. Log in again, or try \`newgrp ${group}\`.`;
  }
  return `you are not a member of group ${group}. Have root run \`usermod -aG ${group} ${nameOfUser(ours)}\` and log in again, or use sudo.`;
}
