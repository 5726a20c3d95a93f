import type { Fd } from '../../../native-probe/fd.js';
import type { FileStatus } from '../../../native-probe/paths.js';
import type { InWhose } from '../../../native-probe/proc/mount.js';
import { barOf } from './bar.js';
import { toWrite } from './classes.js';
import { decide } from './decision.js';
import { oneOfEach } from './everybody.js';
import { accessListAt } from './way.js';

/**
 * Whether a file or directory keeps anybody but root out, or may do so: by its mode, by what lets nobody write it, or by an
 * entry of its access control list, which is read where all else lets all in and where that waits for no file system.
 *
 * @param wanted - toWrite of a socket's file, toEnter of a directory
 * @param whose - in whose mount namespace it is
 */
export function keepsOut(file: Fd, status: FileStatus, wanted: number, whose: InWhose = 'self'): boolean {
  const { uid, gid, mode } = status;
  const everybody = wanted | (wanted << 3) | (uid === 0 ? 0 : wanted << 6);
  if ((mode & everybody) !== everybody) return true;
  if (wanted === toWrite && barOf(file, status, whose) !== undefined) return true;
  const accessList = accessListAt(file, whose);
  if (accessList === 'not-asked' || 'error' in accessList || accessList.value.length === 0) return false;
  const protection = { uid, gid, mode, accessList: accessList.value };
  return oneOfEach([protection]).some((subject) => decide(subject, protection, wanted).isLetIn === false);
}
