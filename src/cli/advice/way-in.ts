/** How somebody comes in whom neither owner nor list lets in by name. */
import { databaseGroups } from '../../../native-probe/user-database.js';
import { SystemNames } from '../../document/names.js';
import type { Classes, NamedClass } from '../../socket/access/classes.js';
import type { Subject } from '../../socket/access/decision.js';
import { mayConnect } from '../../socket/access/may-connect.js';
import type { Way } from '../../socket/access/way.js';
import { allOf, eitherOf } from '../../words/listed.js';
import { reading } from '../../words/reading.js';

/** UID_MIN: lower uids are those of services. login.defs(5) */
const firstPersonUid = 1000;
const nobodyUid = 65534;

/** @param classes - of the file or directory that keeps `we` out, which is on the way */
export function wayIn(owner: number, classes: Classes, we: Subject, way: Way): string {
  if (we.uid === 0) {
    return 'root has no CAP_DAC_OVERRIDE over it here, as in a container or a user namespace without its ids. Run it outside.';
  }
  const names = new SystemNames();
  const nameOfUser = (uid: number): string => names.user(uid) ?? `uid ${uid}`;
  const nameOfGroup = (gid: number): string => names.group(gid) ?? `gid ${gid}`;
  const letIn = namedIn([classes.group, ...classes.groups]);
  const isKeptOut = (gid: number): boolean => mayConnect({ ...we, gids: [...we.gids, gid] }, way).may === 'no';
  // Nobody is to join root's
  const groups = letIn.filter((gid) => gid !== 0 && !isKeptOut(gid));
  if (groups.length === 0) {
    const users = [...(classes.owner ? [owner] : []), ...namedIn(classes.users)].filter((uid) => uid !== 0);
    const who = [...new Set(users.map(nameOfUser)), ...(letIn.includes(0) ? [`group ${nameOfGroup(0)}`] : [])];
    const useless = letIn
      .filter((gid) => gid !== 0)
      .map((gid) => ` Group ${nameOfGroup(gid)} is let in here, but kept out elsewhere on the path.`);
    if (who.length === 0) return `only root may. Try with sudo.${useless.join('')}`;
    const as = who.length === 1 && users.length > 0 ? 'that user' : 'one of them';
    return `only ${allOf([...who, 'root'])} may. Try as ${as}, or with sudo.${useless.join('')}`;
  }
  const behind = 'error' in way.end ? ' What is behind it is not seen from here, and may keep you out too.' : '';
  const choice = `group ${eitherOf(groups.map(nameOfGroup))}`;
  const inDatabase = reading(() => databaseGroups(we.uid, process.getegid?.() ?? 0));
  if ('error' in inDatabase) {
    return `your session is not in ${choice}, and the user database could not be asked whether you are a member (${inDatabase.error.code}). If you are a member, log in again; else use sudo.${behind}`;
  }
  const own = groups.find((gid) => inDatabase.value.includes(gid));
  if (own !== undefined) {
    const group = nameOfGroup(own);
    return `you are a member of ${group} by the user database, but not in this session. Log in again, or try \`newgrp ${group}\`.${behind}`;
  }
  // Neither is an account that a person logs in with
  const user = names.user(we.uid);
  if (user === undefined || we.uid < firstPersonUid || we.uid === nobodyUid) {
    return `${nameOfUser(we.uid)} is not a member of ${choice}. Run it as a member, or with sudo.${behind}`;
  }
  const [first = 0] = groups;
  return `you are not a member of ${choice}. Have root run \`usermod -aG ${names.group(first) ?? first} ${user}\` and log in again, or use sudo. Members may do all that is open to the group: where the service acts as root for them, as docker's does, that is all that root may do.${behind}`;
}

function namedIn(named: readonly NamedClass[]): number[] {
  return named.filter(({ isLetIn }) => isLetIn).map(({ id }) => id);
}
