import type { Fd } from '../../../native-probe/fd.js';
import type { FileStatus } from '../../../native-probe/paths.js';
import { type InWhose, isIdmapped } from '../../../native-probe/proc/mount.js';
import { overflowGid, overflowUid } from '../../../native-probe/proc/system.js';
import { reading, valueOf } from '../../words/reading.js';

/**
 * What lets nobody write a file, root included, whatever mode and list say. fs/namei.c, inode_permission()
 *
 * - `immutable`: EPERM.
 * - `unmapped`: its owner or group is shown as the overflow id, and it is on an idmapped mount: where that is an id which
 *   the mount does not map, EACCES, and no capability counts; it may as well be the user of that id.
 */
export type Bar = 'immutable' | 'unmapped';

/** @param whose - in whose mount namespace the file is */
export function barOf(file: Fd, { uid, gid, isImmutable }: FileStatus, whose: InWhose = 'self'): Bar | undefined {
  if (isImmutable) return 'immutable';
  const mayBe = valueOf(reading(() => (uid === overflowUid() || gid === overflowGid()) && isIdmapped(file, whose)));
  return mayBe === true ? 'unmapped' : undefined;
}
