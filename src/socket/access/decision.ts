import { hasCapability } from '../../words/capabilities.js';
import { classesOf, type NamedClass, type Protection, toEnter, toWrite } from './classes.js';

/** Who wants to connect. Ids are as we see them. */
export interface Subject {
  /** The effective ones: the kernel goes by those of the file system, which follow them. credentials(7) */
  readonly uid: number;
  readonly gids: readonly number[];
  /** The effective set. capabilities(7) */
  readonly capabilities: bigint;
  /** Whether its user namespace has both ids: only over such files its capabilities count. */
  readonly maps: (uid: number, gid: number) => boolean;
}

/** What of a file's mode and list decided. */
export type Decider =
  | { readonly by: 'owner' | 'others' }
  /** `isNamed`: by an entry of the list. */
  | ({ readonly by: 'user' } & NamedClass)
  | ({ readonly by: 'group'; readonly isNamed: boolean } & NamedClass)
  | { readonly by: 'immutable' }
  | { readonly by: 'capability'; readonly name: 'CAP_DAC_OVERRIDE' | 'CAP_DAC_READ_SEARCH' };

/** Whether somebody is let in at one file or directory, and by what. */
export interface Decision {
  /** `unknown`: not where the owner or group is one that its mount does not map. */
  readonly isLetIn: boolean | 'unknown';
  readonly decider: Decider;
}

/**
 * Whether a file's mode and access control list let somebody in, as the kernel decides it where its file system leaves
 * that to it. A read-only mount forbids nothing: that is for regular files, directories and links alone. fs/namei.c,
 * inode_permission(), sb_permission(), generic_permission()
 *
 * @param wanted - {@link toWrite} of a socket's file, {@link toEnter} of a directory
 */
export function decide(subject: Subject, file: Protection, wanted: number): Decision {
  if (wanted === toWrite && file.bar === 'immutable') return { isLetIn: false, decider: { by: 'immutable' } };
  const decision = byModeAndList(subject, file, wanted);
  const isLetIn = file.bar === 'unmapped' ? 'unknown' : true;
  if (decision.isLetIn === true) return wanted === toWrite ? { ...decision, isLetIn } : decision;
  if (!subject.maps(file.uid, file.gid)) return decision;
  if (hasCapability(subject.capabilities, 'cap_dac_override'))
    return { isLetIn, decider: { by: 'capability', name: 'CAP_DAC_OVERRIDE' } };
  if (wanted === toEnter && hasCapability(subject.capabilities, 'cap_dac_read_search')) {
    return { isLetIn, decider: { by: 'capability', name: 'CAP_DAC_READ_SEARCH' } };
  }
  return decision;
}

/** The first class that somebody belongs to decides, even if a later one has more; of groups, any that lets in. acl(5) */
function byModeAndList({ uid, gids }: Subject, file: Protection, wanted: number): Decision {
  const { owner, users, group, groups, others } = classesOf(file, wanted);
  if (uid === file.uid) return { isLetIn: owner, decider: { by: 'owner' } };
  const user = users.find(({ id }) => id === uid);
  if (user !== undefined) return { isLetIn: user.isLetIn, decider: { by: 'user', ...user } };
  const own = [{ ...group, isNamed: false }, ...groups.map((named) => ({ ...named, isNamed: true }))].filter(({ id }) =>
    gids.includes(id),
  );
  const decisive = own.find(({ isLetIn }) => isLetIn) ?? own.find(({ isMasked }) => isMasked) ?? own[0];
  if (decisive !== undefined) return { isLetIn: decisive.isLetIn, decider: { by: 'group', ...decisive } };
  return { isLetIn: others, decider: { by: 'others' } };
}
