import type { SyscallError } from '../../../native-probe/syscall-error.js';

/** For what is to be removed at its end. @throws the reason why it is not */
export function neverLeft(error: SyscallError): never {
  throw error;
}
