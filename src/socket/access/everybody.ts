import type { Protection } from './classes.js';
import type { Subject } from './decision.js';

/** One of those that files tell apart: of a user, of a group, or of neither that they name. */
export interface OneOf extends Subject {
  readonly of: { readonly kind: 'user' | 'group'; readonly id: number } | { readonly kind: 'others' };
}

/** An id that nobody has. */
const nobody = -1;

/** One of each user but root and of each group that files and their access control lists name, and one of all others. */
export function oneOfEach(files: readonly Protection[]): OneOf[] {
  const ids = (named: 'user' | 'group', owning: (file: Protection) => number): number[] => [
    ...new Set(
      files.flatMap((file) => [
        owning(file),
        ...file.accessList.flatMap(({ tag, id }) => (tag === named && id !== undefined ? [id] : [])),
      ]),
    ),
  ];
  const one = (of: OneOf['of'], uid: number, gid: number): OneOf => ({
    of,
    uid,
    gids: [gid],
    capabilities: 0n,
    maps: () => true,
  });
  return [
    one({ kind: 'others' }, nobody, nobody),
    ...ids('group', ({ gid }) => gid).map((id) => one({ kind: 'group', id }, nobody, id)),
    ...ids('user', ({ uid }) => uid)
      .filter((id) => id !== 0)
      .map((id) => one({ kind: 'user', id }, id, nobody)),
  ];
}
