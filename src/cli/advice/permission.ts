/** Why connect(2) is refused with EACCES: the commonest complaint about local sockets. */
import { processStatus } from '../../../native-probe/proc/process.js';
import { SystemNames } from '../../document/names.js';
import { ourselves } from '../../identity/ourselves.js';
import { classesOf, toEnter, toWrite } from '../../socket/access/classes.js';
import type { Decision, Subject } from '../../socket/access/decision.js';
import { type Admission, mayConnect } from '../../socket/access/may-connect.js';
import { hasEntries, type Passed, type Way, wayTo } from '../../socket/access/way.js';
import { octalMode } from '../../words/permissions.js';
import { reading } from '../../words/reading.js';
import { escapedName } from '../../words/text.js';
import { otherForbidders } from './other-forbidders.js';
import { wayIn } from './way-in.js';

/** What stands in the way to a socket's file, in a sentence that says what to do. */
export function whyDenied(path: Buffer): string {
  const we = reading(ourSubject);
  if ('error' in we) return `What forbids it cannot be seen from here (${we.error.code}). Try with sudo.`;
  const way = wayTo(path);
  const answer = mayConnect(we.value, way);
  switch (answer.may) {
    case 'no':
      return forbidden(answer, we.value, way);
    case 'yes':
      return `Modes and access control lists let you in now, so something else forbids it, or did. ${otherForbidders('path')}`;
    case 'unknown':
      return answer.at === undefined ? unseen(way) : undecided(answer.at);
  }
}

/** As {@link whyDenied}, of a file that is immutable; undefined of others. */
export function whyImmutable(path: Buffer): string | undefined {
  const { end } = wayTo(path);
  return 'value' in end && end.value?.bar === 'immutable' ? whyDenied(path) : undefined;
}

/** @throws SyscallError without a /proc of our own */
function ourSubject(): Subject {
  const status = processStatus(process.pid);
  const { unmappedUid, unmappedGid } = ourselves();
  return {
    uid: process.geteuid?.() ?? status.uids.effective,
    gids: [process.getegid?.() ?? status.gids.effective, ...(process.getgroups?.() ?? status.groups)],
    capabilities: status.effectiveCapabilities,
    maps: (uid, gid) => uid !== unmappedUid && gid !== unmappedGid,
  };
}

/** The path is not followed to its end, and nothing that was seen on the way forbids it. */
function unseen({ end }: Way): string {
  const why = 'error' in end ? `for us it ends with ${end.error.code}` : 'a link on it is not followed';
  return `The directories that were seen on its path let you in, as far as modes and access control lists go, and what is behind them is not known: ${why}. ${otherForbidders('path')}`;
}

function undecided({ path, accessList, bar, status }: Passed): string {
  const name = escapedName(path);
  if (bar === 'unmapped') {
    return `${name} is on an idmapped mount, which shows uid ${status.uid} and gid ${status.gid}: if one of these stands for an id that the mount does not map, the kernel lets nobody write it (connect(2) needs that), not even root. Look where its file system is mounted without an idmap, or ask whoever made the mount. ${otherForbidders('path')}`;
  }
  return accessList === 'not-asked' || !('error' in accessList)
    ? `The file system of ${name} may decide for itself who gets in, whatever the modes say: a FUSE without allow_other refuses even root, and NFS lets its server decide. Try as the user who mounted it.`
    : `Whether ${name} lets you in is not known, as its access control list cannot be read (${accessList.error.code}). Try with sudo.`;
}

function forbidden({ at, isDirectory, decision }: Admission & { may: 'no' }, we: Subject, way: Way): string {
  const { uid, gid, mode } = at.status;
  const names = new SystemNames();
  const list = hasEntries(at.accessList) ? ', with an access control list' : '';
  const mark = `${octalMode(mode)}${isDirectory ? ',' : ''} ${names.user(uid) ?? `uid ${uid}`} ${names.group(gid) ?? `gid ${gid}`}${list}`;
  const what = isDirectory ? `You may not enter ${escapedName(at.path)} (mode ${mark})` : `Its mode is ${mark}`;
  return `${what}: ${byWhat(at, decision, isDirectory, we, way)}`;
}

function byWhat(at: Passed, { decider }: Decision, isDirectory: boolean, we: Subject, way: Way): string {
  const file = escapedName(at.path);
  switch (decider.by) {
    case 'owner':
      return `you own it, and the owner's bits decide for you. Give yourself the permission: \`chmod u+${isDirectory ? 'x' : 'w'} ${file}\`.`;
    case 'user':
      return decider.isMasked
        ? `its list has an entry that would let you in, but the mask takes that away, as a chmod(1) of the group's bits does: \`getfacl ${file}\` shows it to whoever can mend it. Otherwise use sudo.`
        : 'its list has an entry for you that does not let you in, and no group changes that. Use sudo, or ask whoever made the list (getfacl).';
    case 'group':
    case 'others': {
      const accessList = at.accessList !== 'not-asked' && 'value' in at.accessList ? at.accessList.value : [];
      const classes = classesOf({ ...at.status, accessList }, isDirectory ? toEnter : toWrite);
      const masked =
        decider.by === 'group' && decider.isMasked
          ? `the list's entry for your group ${new SystemNames().group(decider.id) ?? `gid ${decider.id}`} would let you in, but the mask takes that away (getfacl); `
          : '';
      return masked + wayIn(at.status.uid, classes, we, way);
    }
    case 'immutable':
      return 'its file is immutable: the kernel lets nobody write it, not even root, and connect(2) needs that. On a file system that can take the mark off a socket (file_setattr(2), Linux 6.17) root may do so; otherwise let the service make its socket elsewhere.';
    case 'capability':
      throw new Error('a capability keeps nobody out');
  }
}
