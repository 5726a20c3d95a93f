import type { AccessEntry } from '../../../native-probe/access-list.js';
import type { Bar } from './bar.js';

/** Bits of rwx: connect(2) takes one to write of the socket's file, and one to search of each directory on the way. unix(7) */
export const toWrite = 2;
export const toEnter = 1;

/** Whose a file is, and what lets whom in. */
export interface Protection {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  /** Its access control list; empty where it has none. */
  readonly accessList: readonly AccessEntry[];
  readonly bar?: Bar | undefined;
}

/** Somebody that an entry of a list names, and whether it lets them in, the mask regarded. */
export interface NamedClass {
  readonly id: number;
  readonly isLetIn: boolean;
  /** The entry would let them in, and the mask takes it away. */
  readonly isMasked: boolean;
}

/** Whom a file's mode and access control list let in, in the order in which they are asked. */
export interface Classes {
  readonly owner: boolean;
  readonly users: readonly NamedClass[];
  readonly group: NamedClass;
  readonly groups: readonly NamedClass[];
  readonly others: boolean;
}

/**
 * As the kernel reads them. With a list, the group's bits of the mode are its mask; and where those are all off, the
 * kernel does not look at the list. fs/namei.c, acl_permission_check(); fs/posix_acl.c, posix_acl_permission()
 *
 * @param wanted - {@link toWrite} or {@link toEnter}
 */
export function classesOf({ gid, mode, accessList }: Protection, wanted: number): Classes {
  const has = (permissions: number): boolean => (permissions & wanted) === wanted;
  const [owner, others] = [has(mode >> 6), has(mode)];
  const owning = accessList.find(({ tag }) => tag === 'owning-group');
  if (owning === undefined || (mode & 0o070) === 0) {
    const group = { id: gid, isLetIn: has(mode >> 3), isMasked: false };
    return { owner, users: [], group, groups: [], others };
  }
  const mask = accessList.find(({ tag }) => tag === 'mask')?.permissions ?? 7;
  const entry = (permissions: number, id: number): NamedClass => ({
    id,
    isLetIn: has(permissions & mask),
    isMasked: has(permissions) && !has(mask),
  });
  const entriesOf = (wantedTag: AccessEntry['tag']): NamedClass[] =>
    accessList.flatMap(({ tag, id, permissions }) =>
      tag === wantedTag && id !== undefined ? [entry(permissions, id)] : [],
    );
  return {
    owner,
    users: entriesOf('user'),
    group: entry(owning.permissions, gid),
    groups: entriesOf('group'),
    others,
  };
}
