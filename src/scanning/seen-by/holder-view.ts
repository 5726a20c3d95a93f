import type { Namespaces } from '../../../native-probe/namespaces.js';
import type { Credential } from '../../../native-probe/peer-credential.js';
import { type IdMap, mapId, processGidMap, processUidMap } from '../../../native-probe/proc/id-map.js';
import { processStatus } from '../../../native-probe/proc/process.js';
import { overflowGid, overflowUid } from '../../../native-probe/proc/system.js';
import { namespaceOfProcess } from '../../../native-probe/process-namespace.js';
import type { Ourselves } from '../../identity/ourselves.js';
import { type Reading, reading, valueOf } from '../../words/reading.js';

/** How the kernel translates credentials for a process: the same for all its sockets, so it is read once. */
export interface HolderView {
  readonly pid: number;
  readonly pidNamespace: Reading<'ours' | OtherPidNamespace>;
  /** How ids are numbered in the holder's user namespace. */
  readonly ids: Reading<'ours' | OtherIds>;
  /** Whether both namespaces are ours, as those of nearly all processes: the holder is then told what we are told. */
  readonly toldAsWeAre: boolean;
}

/** A PID namespace below ours. */
export interface OtherPidNamespace {
  readonly inode: number;
  /** How many numbers its processes have in /proc's `NSpid`, from the mount's namespace inwards. */
  readonly depth: number;
}

/** How our ids are numbered in a user namespace below ours. */
export type OtherIds = Readonly<Record<IdKind, OtherIdsOfKind>>;
/** The fields of a credential that a user namespace translates. */
export type IdKind = 'uid' | 'gid';
interface OtherIdsOfKind {
  readonly map: IdMap;
  /** The overflow id, which stands for all ids that are not mapped: one for the whole system. */
  readonly overflow: number;
}

/**
 * Reads what has to be known of a holder to say what it is told: of whichever
 * process has the number. The caller has pinned the holder, and finds out
 * afterwards whether the holder still had the number.
 */
export function readHolderView(pid: number, { namespaces }: Ourselves): HolderView {
  if ('error' in namespaces) return { pid, pidNamespace: namespaces, ids: namespaces, toldAsWeAre: false };
  const pidNamespace = readPidNamespace(pid, namespaces.value);
  const ids = readIds(pid, namespaces.value);
  return { pid, pidNamespace, ids, toldAsWeAre: valueOf(pidNamespace) === 'ours' && valueOf(ids) === 'ours' };
}

/** The PID namespace that the process lives in, task_active_pid_ns(), not that of its children (pid_for_children). */
function readPidNamespace(pid: number, ours: Namespaces): HolderView['pidNamespace'] {
  return reading(() => {
    const inode = namespaceOfProcess(pid, 'pid');
    return inode === ours.pid ? 'ours' : { inode, depth: processStatus(pid).namespacePids.length };
  });
}

/** Refused for a user namespace neither ours nor below ours. security/commoncap.c, cap_ptrace_access_check() */
function readIds(pid: number, ours: Namespaces): HolderView['ids'] {
  return reading(() => {
    if (namespaceOfProcess(pid, 'user') === ours.user) return 'ours';
    return {
      uid: { map: processUidMap(pid), overflow: overflowUid() },
      gid: { map: processGidMap(pid), overflow: overflowGid() },
    };
  });
}

/** What the id of a credential is in another user namespace; undefined when it is not mapped there. */
export function idThere(
  kind: IdKind,
  ids: OtherIds,
  credential: Credential,
  { unmappedUid, unmappedGid }: Ourselves,
): number | undefined {
  const id = credential[kind];
  // An id that is not mapped here is not mapped in any user namespace below
  if (id === (kind === 'uid' ? unmappedUid : unmappedGid)) return undefined;
  return mapId(ids[kind].map, id);
}
