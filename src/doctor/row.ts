import type { Ability, RowGroup } from '../document/doctor-document.js';
import type { Refusal } from '../words/reading.js';

/** What came of trying a row. */
export interface Trial {
  readonly ability: Ability;
  /** What was seen, in a sentence. */
  readonly detail: string;
  readonly error?: Refusal;
  /** What makes it work here, when more can be said than which Linux version has it. */
  readonly fix?: string;
}

/** What a row may have to be given. */
export interface Given {
  /** The directory of the BPF objects. */
  readonly objects: string;
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
  readonly try: (given: Given) => Trial;
}

/** The trial of what works. @param detail - what was seen */
export function works(detail: string): Trial {
  return { ability: 'works', detail };
}

/** The trial of what the kernel does not have, or does otherwise than it should. */
export function doesNot(detail: string, fix?: string, error?: Refusal): Trial {
  return withFix({ ability: 'does-not', detail, ...(error !== undefined && { error }) }, fix);
}

/** The trial of what is there and not allowed to us. */
export function mayNot(detail: string, fix?: string): Trial {
  return withFix({ ability: 'may-not', detail }, fix);
}

/** The trial of what nobody can tell here. */
export function notTried(detail: string, fix?: string): Trial {
  return withFix({ ability: 'not-tried', detail }, fix);
}

/** Errnos of a kernel that does not have the interface. A sandbox may answer the same. */
const absent = new Set(['ENOPROTOOPT', 'ENOSYS', 'ENOTTY', 'EOPNOTSUPP', 'EPROTONOSUPPORT', 'EAFNOSUPPORT', 'EINVAL']);
const forbidden = new Set(['EPERM', 'EACCES', 'EROFS']);

/** The trial of a call that was answered by an errno, which decides about the ability. */
export function refused(error: Refusal, detail: string, fix?: string): Trial {
  const ability = forbidden.has(error.code) ? 'may-not' : absent.has(error.code) ? 'does-not' : 'not-tried';
  return withFix({ ability, detail, error }, fix);
}

function withFix(trial: Trial, fix: string | undefined): Trial {
  return fix === undefined ? trial : { ...trial, fix };
}
