import { getSystemErrorMap } from 'node:util';

function isNodeError(error: unknown): error is NodeJS.ErrnoException & { errno: number; syscall: string } {
  return error instanceof Error && 'errno' in error && 'syscall' in error;
}

/** Runs a call of node:fs. @throws SyscallError when the kernel refuses it */
export function asSyscall<T>(subject: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (isNodeError(error)) throw new SyscallError(error.syscall, -error.errno, subject);
    throw error;
  }
}

/**
 * Whether the error is a call of Node's that the kernel refused.
 *
 * @param codes - the errno names that it may have; any where none is given
 */
export function nodeFailedWith(error: unknown, ...codes: string[]): boolean {
  return isNodeError(error) && (codes.length === 0 || codes.includes(errnoName(-error.errno)));
}

let nodeNames: ReadonlyMap<number, readonly [name: Errno, message: string]> | undefined;

/** The name of an errno; of one that has none, its value: `ERRNO_530`. */
export type Errno = `E${string}`;

/** Names that Node's own table lacks. */
const missingFromNode = new Map<number, Errno>([
  [10, 'ECHILD'],
  [66, 'EREMOTE'],
  [52, 'EBADE'],
]);

/**
 * The name of an errno, as errno(3) has it.
 *
 * @param errno - positive, as in <asm-generic/errno.h>
 */
export function errnoName(errno: number): Errno {
  // Kept, since Node makes the whole table anew at each call
  nodeNames ??= getSystemErrorMap() as ReadonlyMap<number, readonly [name: Errno, message: string]>;
  return nodeNames.get(-errno)?.[0] ?? missingFromNode.get(errno) ?? `ERRNO_${errno}`;
}

/** A system call that failed: which, why, and on what. It carries no advice; that is for whoever tells the user. */
export class SyscallError extends Error {
  override readonly name = 'SyscallError';
  /** The name of the errno, such as `ECONNREFUSED`. */
  readonly code: Errno;

  /**
   * @param syscall - the call, with the option or request where that is what tells it apart: `getsockopt(SO_PEERCRED)`
   * @param errno - positive
   * @param subject - what it was called on, as the user would name it; may be empty
   */
  constructor(
    readonly syscall: string,
    readonly errno: number,
    readonly subject = '',
  ) {
    const code = errnoName(errno);
    super(subject === '' ? `${syscall}: ${code}` : `${syscall} ${subject}: ${code}`);
    this.code = code;
  }
}

/**
 * A refusal that is expected, as a value rather than thrown: an error collects its stack, which takes longer than the
 * call. The fields are those of {@link SyscallError}.
 */
export class Refused {
  constructor(
    readonly syscall: string,
    readonly errno: number,
    readonly subject = '',
  ) {}
}

/** Is told that something of ours could not be removed, and why. */
export type LeftBehind = (error: SyscallError) => void;

/** The calls that are made on a name, which is not theirs to tell: it may be reached by a detour. */
const callsOnNames = new Set(['bind', 'listen', 'connect', 'stat']);

/**
 * An error with what the call was made on, where that is a call on a name and does not tell it yet.
 *
 * @param subject - as the user would name it
 */
export function named(error: unknown, subject: string): unknown {
  if (!(error instanceof SyscallError) || error.subject !== '' || !callsOnNames.has(error.syscall)) return error;
  return new SyscallError(error.syscall, error.errno, subject);
}

/** Runs what calls on a name; what it throws tells it. @throws as the call does, by way of {@link named} */
export function withSubject<T>(subject: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw named(error, subject);
  }
}

/**
 * Passes a system call's result through, or throws what it failed with.
 *
 * @param result - what a function of libc.ts returned: the result, or the negated errno
 * @throws SyscallError
 */
export function check(result: number, syscall: string, subject = ''): number {
  if (result < 0) throw new SyscallError(syscall, -result, subject);
  return result;
}

/** Whether the error is a failed system call with one of these errno names. */
export function failedWith(error: unknown, ...codes: string[]): error is SyscallError {
  return error instanceof SyscallError && codes.includes(error.code);
}
