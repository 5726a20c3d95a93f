import { constants } from 'node:os';

import type { LibraryCall } from '../calls/call-chain.js';
import type { CallingChild } from '../calls/calling-child.js';
import { isReadable } from '../poll.js';
import { SyscallError } from '../syscall-error.js';
import { openSocketPair } from '../unix-socket.js';
import { naming } from './child-client.js';

/** Milliseconds to wait for the child to set its name: before, it shows ours. */
const patience = 20_000;

/**
 * Starts a child that sets its name and then does nothing, and waits until the name is set.
 *
 * @param start - starts the child; undefined when it could not
 * @returns undefined when `start` did
 * @throws SyscallError ETIMEDOUT when the child did not set its name in time; what `start` throws
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
