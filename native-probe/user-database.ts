/** Names of users and groups as the system's databases have them, LDAP and the like included. getpwuid(3), nsswitch.conf(5) */
import { groupsOfUser, hasUser, nameOfGid, nameOfUid } from './libc.js';

const users = new Map<number, Buffer | undefined>();
const groups = new Map<number, Buffer | undefined>();

/** A database may be far away, so each id is asked for once. */
function remembered(
  names: Map<number, Buffer | undefined>,
  id: number,
  ask: (id: number) => Buffer | undefined,
): Buffer | undefined {
  if (!names.has(id)) names.set(id, ask(id));
  return names.get(id);
}

/** The name of a uid; undefined when the database has none. getpwuid(3) */
export function userName(uid: number): Buffer | undefined {
  return remembered(users, uid, nameOfUid);
}

/** Whether the database has a user of that name. getpwnam(3) */
export function isUserName(name: Buffer): boolean {
  return hasUser(name);
}

/** The name of a gid; undefined when the database has none. getgrgid(3) */
export function groupName(gid: number): Buffer | undefined {
  return remembered(groups, gid, nameOfGid);
}

/** The groups that the database gives a user, which a running session need not have. getgrouplist(3) */
export function databaseGroups(uid: number, gid: number): number[] {
  const name = userName(uid);
  return name === undefined ? [gid] : groupsOfUser(name, gid);
}
