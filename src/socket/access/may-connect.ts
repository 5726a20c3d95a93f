import { type Protection, toEnter, toWrite } from './classes.js';
import { decide, type Decision, type Subject } from './decision.js';
import type { Passed, Way } from './way.js';

/** Who or what keeps somebody from a socket's file, and where; or that nothing does. */
export type Admission =
  | { readonly may: 'yes' }
  | { readonly may: 'no'; readonly at: Passed; readonly isDirectory: boolean; readonly decision: Decision }
  /** The file system of `at` may decide otherwise than by mode and list, its list or owner is not known, or the path is not followed further. */
  | { readonly may: 'unknown'; readonly at: Passed | undefined };

/** Whether modes, access control lists and capabilities let somebody connect to what is at the end of a path. */
export function mayConnect(subject: Subject, { directories, end }: Way): Admission {
  for (const directory of directories) {
    const answer = at(subject, directory, toEnter);
    if (answer !== undefined) return answer;
  }
  if ('error' in end || end.value === undefined) return { may: 'unknown', at: undefined };
  return at(subject, end.value, toWrite) ?? { may: 'yes' };
}

/** Undefined where somebody is let in. */
function at(subject: Subject, passed: Passed, wanted: number): Admission | undefined {
  const protection = protectionOf(passed);
  if (protection === undefined) return { may: 'unknown', at: passed };
  const decision = decide(subject, protection, wanted);
  if (decision.isLetIn === 'unknown') return { may: 'unknown', at: passed };
  return decision.isLetIn ? undefined : { may: 'no', at: passed, isDirectory: wanted === toEnter, decision };
}

/** Undefined where mode and list are not all that decides, or the list is not known. */
export function protectionOf({ status, accessList, bar }: Passed): Protection | undefined {
  if (accessList === 'not-asked' || 'error' in accessList) return undefined;
  return { ...status, accessList: accessList.value, bar };
}
