import { groupName, userName } from '../../native-probe/user-database.js';
import { ourselves } from '../identity/ourselves.js';
import { textOf } from '../words/text.js';

/** The names of ids, for people; undefined for an id without one. */
export interface Names {
  user(uid: number): string | undefined;
  group(gid: number): string | undefined;
}

/** As the system's databases have them. The overflow id gets no name where it only stands for ids that are not mapped. */
export const systemNames: Names = {
  user: (uid) => (uid === ourselves().unmappedUid ? undefined : nameText(userName(uid))),
  group: (gid) => (gid === ourselves().unmappedGid ? undefined : nameText(groupName(gid))),
};

function nameText(name: Buffer | undefined): string | undefined {
  return name && textOf(name);
}

/** For whoever shows none: name services may be slow, or never answer. */
export const noNames: Names = { user: () => undefined, group: () => undefined };
