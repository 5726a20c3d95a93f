import type { Fd } from '../../../native-probe/fd.js';
import type { FileStatus } from '../../../native-probe/paths.js';
import type { InWhose } from '../../../native-probe/proc/mount.js';
import { classesOf } from './classes.js';
import { accessListAt } from './way.js';

/**
 * Whether a file or directory keeps anybody but root out: by its mode, or by an entry of its access control list, which
 * is read where mode alone lets all in and where that waits for no file system.
 *
 * @param wanted - toWrite of a socket's file, toEnter of a directory
 * @param whose - in whose mount namespace it is
 */
export function keepsOut(file: Fd, { uid, gid, mode }: FileStatus, wanted: number, whose: InWhose): boolean {
  const everybody = wanted | (wanted << 3) | (uid === 0 ? 0 : wanted << 6);
  if ((mode & everybody) !== everybody) return true;
  const accessList = accessListAt(file, whose);
  if (accessList === 'not-asked' || 'error' in accessList) return false;
  const { users, group, groups } = classesOf({ uid, gid, mode, accessList: accessList.value }, wanted);
  return [...users.filter(({ id }) => id !== 0), group, ...groups].some(({ isLetIn }) => !isLetIn);
}
