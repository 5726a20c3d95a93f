import type { Namespaces } from '../../native-probe/namespaces.js';
import { type IdMap, processGidMap, processUidMap } from '../../native-probe/proc/id-map.js';
import { type Reading, reading, valueOf } from '../words/reading.js';
import { ourselves } from './ourselves.js';

/** How ids of ours are numbered in the user namespace of a process, where that is another than ours. */
export interface OtherUserNamespace {
  readonly uids: IdMap;
  readonly gids: IdMap;
}

/**
 * The user namespace of whoever has the number: undefined inside where it is ours. Where the namespace itself may not
 * be seen, which it takes the right to trace the process for, maps tell that differ from ours. user_namespaces(7)
 */
export function readUserNamespace(
  pid: number,
  namespaces: Reading<Namespaces>,
): Reading<OtherUserNamespace | undefined> {
  const ours = valueOf(ourselves().namespaces)?.user;
  const theirs = valueOf(namespaces)?.user;
  if (theirs !== undefined && theirs === ours) return { value: undefined };
  const maps = reading(() => ({ uids: processUidMap(pid), gids: processGidMap(pid) }));
  if ('error' in maps || (theirs !== undefined && ours !== undefined)) return maps;
  const own = reading(() => ({ uids: processUidMap(process.pid), gids: processGidMap(process.pid) }));
  if ('error' in own) return own;
  if (JSON.stringify(own.value) !== JSON.stringify(maps.value)) return maps;
  return 'error' in namespaces ? namespaces : { error: { syscall: 'which user namespace is ours', code: 'ENODATA' } };
}
