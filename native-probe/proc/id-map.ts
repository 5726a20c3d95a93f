import { readProc } from './read.js';

/** A range of ids of ours, and where it begins in another user namespace. */
export interface IdRange {
  readonly inside: number;
  readonly ours: number;
  readonly count: number;
}

/** How ids of ours are numbered in a user namespace below ours. user_namespaces(7) */
export type IdMap = readonly IdRange[];

/** (uid_t) -1: no id, and never mapped. Shown, too, for a range that begins at an id that is not mapped here. */
const noId = 0xffffffff;

/**
 * What /proc/PID/uid_map says of a process in a user namespace below ours. (Of a
 * process in our own, the second column has our parent's ids; of one elsewhere,
 * not all of a range need be ours.)
 *
 * @throws SyscallError ENOENT or ESRCH when nobody has the number
 */
export function processUidMap(pid: number): IdMap {
  return parseIdMap(readProc(`/proc/${pid}/uid_map`).toString('latin1'));
}

/** What /proc/PID/gid_map says: see {@link processUidMap}. */
export function processGidMap(pid: number): IdMap {
  return parseIdMap(readProc(`/proc/${pid}/gid_map`).toString('latin1'));
}

/** The lines of a map; none as long as nobody has written it. */
export function parseIdMap(text: string): IdMap {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [inside = noId, ours = noId, count = 0] = line.trim().split(/\s+/).map(Number);
      return { inside, ours, count };
    })
    .filter(({ ours }) => ours !== noId);
}

/** What an id of ours is in the other user namespace; undefined when it is not mapped, and shows as the overflow id. */
export function mapId(map: IdMap, id: number): number | undefined {
  if (id === noId) return undefined;
  const range = map.find(({ ours, count }) => id >= ours && id < ours + count);
  return range === undefined ? undefined : range.inside + (id - range.ours);
}
