import { type Protection, toWrite } from './classes.js';
import { decide } from './decision.js';
import { oneOfEach } from './everybody.js';

/**
 * Whether a file or directory keeps anybody but root out, or may do so: by its mode, by what lets nobody write it, or by an
 * entry of its access control list, as far as that is known.
 *
 * @param wanted - toWrite of a socket's file, toEnter of a directory
 */
export function keepsOut(
  {
    accessList = [],
    ...file
  }: Omit<Protection, 'accessList'> & { readonly accessList?: Protection['accessList'] | undefined },
  wanted: number,
): boolean {
  if (wanted === toWrite && file.bar !== undefined) return true;
  const everybody = wanted | (wanted << 3) | (file.uid === 0 ? 0 : wanted << 6);
  if ((file.mode & everybody) !== everybody) return true;
  if (accessList.length === 0) return false;
  const protection = { ...file, accessList };
  return oneOfEach([protection]).some((subject) => decide(subject, protection, wanted).isLetIn === false);
}
