import { type Errno, errnoName, Refused, SyscallError } from '../../native-probe/syscall-error.js';

/** The name of an errno; of what was left out of a message, the flag that says so. */
export type RefusalCode = Errno | 'MSG_CTRUNC';

/** Why a fact is not known: the system call, and how it was refused. */
export interface Refusal {
  readonly syscall: string;
  readonly code: RefusalCode;
}

/** A fact that may be missing: what was read, or why it could not be. */
export type Reading<T> = { readonly value: T } | { readonly error: Refusal };

/** Reads one fact. Only a refusal by the kernel is a missing fact; anything else is a bug and passes through. */
export function reading<T>(read: () => T | Refused): Reading<T> {
  try {
    const value = read();
    return value instanceof Refused ? { error: refusalOf(value) } : { value };
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    return { error: refusalOf(error) };
  }
}

/** An error as a refusal: the call with its subject, and the errno's name. */
export function refusalOf({ syscall, errno, subject }: SyscallError | Refused): Refusal {
  return { syscall: subject === '' ? syscall : `${syscall} ${subject}`, code: errnoName(errno) };
}

/** What was read; undefined where the fact is missing or was not asked for. */
export function valueOf<T>(fact: Reading<T> | undefined): T | undefined {
  return fact !== undefined && 'value' in fact ? fact.value : undefined;
}

/** A part of what was read, or why the whole could not be. */
export function mapReading<T, U>(fact: Reading<T>, part: (value: T) => U): Reading<U> {
  return 'value' in fact ? { value: part(fact.value) } : fact;
}

/** The errno's name of a fact that could not be had; undefined of one that was read. */
export function errorCodeOf(fact: Reading<unknown>): RefusalCode | undefined {
  return 'error' in fact ? fact.error.code : undefined;
}

/** Whether a path could not be looked at since its file system did not answer, or was not asked as others did not. */
export function isUnanswered<T>(fact: Reading<T> | undefined): fact is { readonly error: Refusal } {
  return fact !== undefined && 'error' in fact && ['ETIMEDOUT', 'EBUSY'].includes(fact.error.code);
}
