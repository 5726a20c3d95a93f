import { constants } from 'node:os';

import { isReadable } from '../poll.js';
import { SyscallError } from '../syscall-error.js';
import { openSocketPair } from '../unix-socket.js';
import type { CallingChild, LibraryCall } from './calling-child.js';
import { naming } from './child-client.js';

/** Milliseconds; without its name it would show ours. */
const patience = 20_000;

/**
 * Starts a child that has a name and does nothing, and waits until it has it.
 *
 * @param start - which starts the child, or tells by undefined that it could not
 * @throws SyscallError
 */
export function startNamed<T extends CallingChild | undefined>(
  name: string,
  start: (calls: readonly LibraryCall[]) => T,
): T {
  const [near, far] = openSocketPair('stream');
  using ours = near;
  using its = far;
  const child = start([naming(name), ['write', its.number, Buffer.of(0), 1], ['pause']]);
  if (child === undefined || isReadable(ours, patience)) return child;
  child[Symbol.dispose]();
  throw new SyscallError('prctl(PR_SET_NAME)', constants.errno.ETIMEDOUT, 'in a child');
}
