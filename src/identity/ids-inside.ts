import { mapId } from '../../native-probe/proc/id-map.js';
import type { ProcessStatus } from '../../native-probe/proc/process.js';
import type { Ourselves } from './ourselves.js';
import type { OtherUserNamespace } from './user-namespace.js';

/** Ids in a user namespace: null for one that is not mapped there. */
export interface IdsInside {
  readonly uid: number | null;
  readonly gid: number | null;
}

/** A process's effective ids as they are in its own user namespace. */
export function idsInside(
  { uids: { effective: uid }, gids: { effective: gid } }: Pick<ProcessStatus, 'uids' | 'gids'>,
  { uids, gids }: OtherUserNamespace,
  { unmappedUid, unmappedGid }: Ourselves,
): IdsInside {
  // What is not mapped here stands for nobody in particular
  return {
    uid: (uid === unmappedUid ? undefined : mapId(uids, uid)) ?? null,
    gid: (gid === unmappedGid ? undefined : mapId(gids, gid)) ?? null,
  };
}

/** In words: `uid 0 and gid not mapped`. */
export function idsInsideText({ uid, gid }: IdsInside): string {
  return `uid ${uid ?? 'not mapped'}, gid ${gid ?? 'not mapped'}`;
}
