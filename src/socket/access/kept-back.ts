import { type Protection, toEnter, toWrite } from './classes.js';
import { decide } from './decision.js';
import { type OneOf, oneOfEach } from './everybody.js';
import { protectionOf } from './may-connect.js';
import type { Passed, Way } from './way.js';

/** Some whom a socket's file lets in, and a directory on the way to it does not let come so far. */
export interface KeptBack {
  readonly of: OneOf['of'];
  /** The first that does not. */
  readonly at: Passed;
}

/**
 * Whom the directories on the way to a socket's file keep from it. Of users it is not known which groups they are in: they
 * are told of where no group that is let in, but root's, would help.
 */
export function keptBack({ directories, end }: Way): KeptBack[] {
  const file = 'error' in end || end.value === undefined ? undefined : protectionOf(end.value);
  if (file === undefined) return [];
  const passed = directories.flatMap((at) => {
    const protection = protectionOf(at);
    return protection === undefined ? [] : [{ at, protection }];
  });
  const all = oneOfEach([file, ...passed.map(({ protection }) => protection)]);
  const groups = all.flatMap(({ of }) => (of.kind === 'group' && of.id !== 0 ? [of.id] : []));
  const enters = (one: OneOf, directory: Protection): boolean =>
    [one, ...(one.of.kind === 'user' ? groups.map((gid) => ({ ...one, gids: [gid] })) : [])].some(
      (subject) => decide(subject, directory, toEnter).isLetIn !== false,
    );
  return all
    .filter((one) => decide(one, file, toWrite).isLetIn === true)
    .flatMap((one) => {
      const closed = passed.find(({ protection }) => !enters(one, protection));
      return closed === undefined ? [] : [{ of: one.of, at: closed.at }];
    });
}
