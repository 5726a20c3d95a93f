import type { SyscallError } from '../../native-probe/syscall-error.js';
import type { Refusal } from '../reading.js';
import type { Ability, RowGroup } from './doctor-document.js';

/** What came of trying. */
export interface Trial {
  readonly ability: Ability;
  /** What was seen, in a sentence. */
  readonly detail: string;
  readonly error?: Refusal;
  /** What makes it work here, when that depends on what was seen. */
  readonly fix?: string;
}

/** One thing to be tried for real, and what is known about it without trying. */
export interface Row {
  readonly id: string;
  readonly group: RowGroup;
  readonly name: string;
  /** The Linux version that has it first. */
  readonly since?: string;
  /** What peerpid cannot tell without it, in a sentence. */
  readonly without: string;
  /** Tries it. What it throws as a SyscallError is taken as the answer: see {@link refused}. */
  readonly try: () => Trial;
}

export function works(detail: string): Trial {
  return { ability: 'works', detail };
}

export function notTried(detail: string, fix?: string): Trial {
  return { ability: 'not-tried', detail, ...(fix !== undefined && { fix }) };
}

/** What kernels answer that do not have it. A kernel that has it, and a sandbox that says so instead, look the same. */
const absent = new Set(['ENOPROTOOPT', 'ENOSYS', 'ENOTTY', 'EOPNOTSUPP', 'EPROTONOSUPPORT', 'EAFNOSUPPORT', 'EINVAL']);
const forbidden = new Set(['EPERM', 'EACCES', 'EROFS']);

/** A refusal as an answer. @param detail - what was being done */
export function refused(error: SyscallError, detail: string, fix?: string): Trial {
  const ability = forbidden.has(error.code) ? 'may-not' : absent.has(error.code) ? 'does-not' : 'not-tried';
  return {
    ability,
    detail,
    error: { syscall: error.message.replace(/: [^:]*$/, ''), code: error.code },
    ...(fix !== undefined && { fix }),
  };
}
