import type { Witness } from '../../words/evidence.js';
import { formatTarget, type Target } from '../address.js';
import type { OpenedSocket } from '../socket-facts.js';
import { wrongType } from './not-listed.js';
import { openAddress, type OpenOptions } from './open-address.js';
import { openDescriptor } from './open-descriptor.js';
import { openInode } from './open-inode.js';
import { orWrongType } from './or-wrong-type.js';

/** Opens what the user named. @throws Problem, SyscallError as {@link openAddress} and {@link openDescriptor} do */
export async function openTarget(target: Target, options: OpenOptions, witness: Witness): Promise<OpenedSocket> {
  const { type } = options;
  if (target.kind === 'path' || target.kind === 'abstract') {
    return orWrongType(target, type, () => openAddress(target, options, witness));
  }
  const opened = target.kind === 'inode' ? openInode(target, witness) : openDescriptor(target, witness);
  if (type === undefined || type === opened.facts.type) return opened;
  const actual = opened.facts.type;
  opened[Symbol.dispose]();
  throw wrongType(formatTarget(target), type, actual);
}
