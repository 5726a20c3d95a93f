/** What keeps clients from an address that was made, or lets them miss it. */
import { statusAt } from '../../native-probe/paths.js';
import { readProc, readProcLink } from '../../native-probe/proc/read.js';
import { sunPathSize } from '../../native-probe/unix-address.js';
import { SystemNames } from '../document/names.js';
import { keptBack } from '../socket/access/kept-back.js';
import { hasEntries, type Way, wayTo } from '../socket/access/way.js';
import type { AddressTarget } from '../socket/address.js';
import { directoriesTo } from '../socket/guards.js';
import { counted } from '../words/counted.js';
import { allOf } from '../words/listed.js';
import { octalMode } from '../words/permissions.js';
import { errorCodeOf, reading, valueOf } from '../words/reading.js';
import { escapedName } from '../words/text.js';

/** In sentences; none where nothing is seen that would. */
export function hardToReach(address: AddressTarget): string[] {
  const name = address.kind === 'path' ? address.path : address.name;
  const found = [...ofBytes(name, address.kind)];
  if (address.kind !== 'path') return found;
  if (name.length >= sunPathSize) {
    found.push(
      `Its path has ${name.length} bytes: an address has room for ${sunPathSize}, and most programs need the last one for a NUL. They refuse the path, or cut it without saying so.`,
    );
  }
  return [...found, ...ofWay(wayTo(name)), ...ofMounts(name)];
}

function ofBytes(name: Buffer, kind: AddressTarget['kind']): string[] {
  const nuls = name.filter((byte) => byte === 0).length;
  const controls = name.filter((byte) => (byte > 0 && byte < 0x20) || byte === 0x7f).length;
  return [
    ...(nuls > 0
      ? [
          `Its name has ${counted(nuls, 'NUL byte')}, which are part of an abstract name: a client must give each of them, and the right length.`,
        ]
      : []),
    ...(controls > 0
      ? [
          `Its ${kind === 'path' ? 'path' : 'name'} has ${counted(controls, 'control character')}, which other programs do not show as they are.`,
        ]
      : []),
  ];
}

/** Only where the file lets somebody in whom a directory keeps out. */
function ofWay(way: Way): string[] {
  const end = valueOf(way.end);
  const kept = keptBack(way);
  if (end === undefined || kept.length === 0) return [];
  const names = new SystemNames();
  const closed = [...new Set(kept.map(({ at }) => at))].map(({ path, status, accessList }) => {
    const list = hasEntries(accessList) ? ', with an access control list' : '';
    const [user, group] = [names.user(status.uid) ?? status.uid, names.group(status.gid) ?? status.gid];
    return `${escapedName(path)} (${octalMode(status.mode)} ${user} ${group}${list})`;
  });
  const lets = hasEntries(end.accessList)
    ? 'Its mode and access control list let in'
    : `Its mode, ${octalMode(end.status.mode)}, lets in`;
  const whom = kept.some(({ of }) => of.kind === 'others')
    ? 'everybody'
    : allOf(kept.map(({ of }) => (of.kind === 'others' ? '' : `${of.kind} ${nameOf(names, of.kind, of.id)}`)));
  const [does, it] = closed.length === 1 ? ['does', 'it'] : ['do', 'them'];
  return [`${lets} ${whom}, but ${allOf(closed)} ${does} not: whoever may not enter ${it} is refused (EACCES).`];
}

function nameOf(names: SystemNames, kind: 'user' | 'group', id: number): string {
  return names[kind](id) ?? String(id);
}

/** PrivateTmp= of systemd.exec(5) mounts a directory of this name. */
const privateDirectory = /\/systemd-private-[^/]+\/tmp(?:\/|$)/;

/** Whether the rest of the machine, for which process 1 stands, has another directory at the path, as under PrivateTmp=. */
function ofMounts(path: Buffer): string[] {
  const directory = valueOf(reading(() => directoriesTo(path)))?.at(-1);
  if (directory === undefined) return [];
  const own = reading(() => readProcLink('/proc/self/ns/mnt'));
  const firsts = reading(() => readProcLink('/proc/1/ns/mnt'));
  if ('error' in own) return [];
  if ('error' in firsts) return isPrivate(directory) ? [elsewhere(directory, 'systemd made it for one service')] : [];
  if (firsts.value.equals(own.value)) return [];
  const here = valueOf(reading(() => statusAt(directory, escapedName(directory))));
  const there = reading(() => statusAt(Buffer.concat([Buffer.from('/proc/1/root'), directory]), ''));
  const isMissing = ['ENOENT', 'ENOTDIR'].includes(errorCodeOf(there) ?? '');
  if ('error' in there && !isMissing) return [];
  const first = valueOf(there);
  if (here === undefined || (first?.inode === here.inode && first.device === here.device)) return [];
  return [elsewhere(directory, `process 1 sees ${first === undefined ? 'none' : 'another one'} at that path`)];
}

/** By mountinfo, in which anybody may read what of a file system is mounted. */
function isPrivate(directory: Buffer): boolean {
  const mounts =
    valueOf(reading(() => readProc('/proc/self/mountinfo')))
      ?.toString('latin1')
      .split('\n') ?? [];
  const at = `${directory.toString('latin1')}/`;
  return mounts.some((line) => {
    const [, , , root = '', point = ''] = line.split(' ');
    return privateDirectory.test(root) && at.startsWith(`${point}/`);
  });
}

function elsewhere(directory: Buffer, why: string): string {
  return `The directory ${escapedName(directory)} belongs to this mount namespace only, as with PrivateTmp=: ${why}. Clients in other mount namespaces do not find the socket there.`;
}
