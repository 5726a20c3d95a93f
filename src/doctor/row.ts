import type { Ability, RowGroup } from '../document/doctor-document.js';
import type { Refusal } from '../words/reading.js';

/** What came of trying. */
export interface Trial {
  readonly ability: Ability;
  /** What was seen, in a sentence. */
  readonly detail: string;
  readonly error?: Refusal;
  /** What makes it work here, when more can be said than which Linux version has it. */
  readonly fix?: string;
}

/** One thing to be tried for real, and what is known about it without trying. */
export interface Row {
  readonly id: string;
  readonly group: RowGroup;
  readonly name: string;
  /** The Linux version that has it first. */
  readonly since?: string;
  /** What is done to try it: the calls. */
  readonly tried: string;
  /** What peerpid cannot tell without it, in a sentence. */
  readonly without: string;
  /**
   * Tries it.
   *
   * @throws SyscallError when what it takes to try it is refused: then nobody can tell
   */
  readonly try: () => Trial;
}

export function works(detail: string): Trial {
  return { ability: 'works', detail };
}

export function doesNot(detail: string, fix?: string, error?: Refusal): Trial {
  return withFix({ ability: 'does-not', detail, ...(error !== undefined && { error }) }, fix);
}

export function mayNot(detail: string, fix?: string): Trial {
  return withFix({ ability: 'may-not', detail }, fix);
}

export function notTried(detail: string, fix?: string): Trial {
  return withFix({ ability: 'not-tried', detail }, fix);
}

/** What kernels answer that do not have it. A sandbox may say the same in their place. */
const absent = new Set(['ENOPROTOOPT', 'ENOSYS', 'ENOTTY', 'EOPNOTSUPP', 'EPROTONOSUPPORT', 'EAFNOSUPPORT', 'EINVAL']);
const forbidden = new Set(['EPERM', 'EACCES', 'EROFS']);

/** The answer to what was asked was an errno. @param detail - what was asked, in a sentence */
export function refused(error: Refusal, detail: string, fix?: string): Trial {
  const ability = forbidden.has(error.code) ? 'may-not' : absent.has(error.code) ? 'does-not' : 'not-tried';
  return withFix({ ability, detail, error }, fix);
}

function withFix(trial: Trial, fix: string | undefined): Trial {
  return fix === undefined ? trial : { ...trial, fix };
}
