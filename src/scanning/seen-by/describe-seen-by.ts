import type { IdsSeenDocument, SeenByDocument } from '../../document/seen-by-document.js';
import type { Missing } from '../../document/unavailable.js';
import { mapReading } from '../../words/reading.js';
import type { HolderSees } from './holder-views.js';

/** As JSON has it. */
export function describeSeenBy(seen: HolderSees, missing: Missing): SeenByDocument {
  const { holder, pid, verdict } = seen;
  return { holder, pid: missing.take('seenBy.pid', pid), ...describeIds(seen, 'seenBy', missing), verdict };
}

/** @param fact - that stands for all of them in `unavailable` */
export function describeIds(
  { uid, user, gid, group, groups }: HolderSees,
  fact: string,
  missing: Missing,
): IdsSeenDocument {
  // Null for a name that the file does not have
  const named = (what: string, name: typeof user): string | null | undefined =>
    name &&
    missing.take(
      `${fact}.${what}`,
      mapReading(name, (value) => value ?? null),
    );
  return {
    uid: missing.take(`${fact}.uid`, uid),
    user: named('user', user),
    gid: missing.take(`${fact}.gid`, gid),
    group: named('group', group),
    groups:
      groups &&
      missing.take(
        `${fact}.groups`,
        mapReading(groups, (all) => all.map(({ id, name }) => ({ id, name: name ?? null }))),
      ),
  };
}
