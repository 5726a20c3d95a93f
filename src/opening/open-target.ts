import { failedWith } from '../../native-probe/syscall-error.js';
import { formatTarget, type Target } from '../address.js';
import type { Witness } from '../evidence.js';
import { otherTypeOf } from './connecting.js';
import { wrongType } from './not-listed.js';
import { openAddress, type OpenOptions } from './open-address.js';
import { openDescriptor } from './open-descriptor.js';
import type { OpenedSocket } from './socket-facts.js';

/** Opens what the user named. */
export async function openTarget(target: Target, options: OpenOptions, witness: Witness): Promise<OpenedSocket> {
  const { type } = options;
  if (target.kind !== 'descriptor') {
    try {
      return await openAddress(target, options, witness);
    } catch (error) {
      if (type === undefined || !failedWith(error, 'EPROTOTYPE', 'ECONNREFUSED')) throw error;
      const actual = otherTypeOf(target, type);
      if (actual === undefined) throw error;
      throw wrongType(formatTarget(target), type, actual);
    }
  }
  const opened = openDescriptor(target, witness);
  if (type === undefined || type === opened.facts.type) return opened;
  const actual = opened.facts.type;
  opened[Symbol.dispose]();
  throw wrongType(formatTarget(target), type, actual);
}
