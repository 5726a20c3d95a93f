import { disposeWithoutLingering } from '../../../native-probe/calls/without-lingering.js';
import type { Witness } from '../../words/evidence.js';
import { formatTarget, type Target } from '../address.js';
import type { OpenedSocket } from '../socket-facts.js';
import { wrongType } from './not-listed.js';
import { directly, openAddress, type OpenOptions } from './open-address.js';
import { openDescriptor } from './open-descriptor.js';
import { openInode } from './open-inode.js';
import { orWrongType } from './or-wrong-type.js';

/**
 * Opens what the user named. When it is closed, whoever is at the other end may have sent it something already.
 *
 * @throws Problem, SyscallError as {@link openAddress} and {@link openDescriptor} do
 */
export async function openTarget(target: Target, options: OpenOptions, witness: Witness): Promise<OpenedSocket> {
  const opened = await openAny(target, options, witness);
  return {
    ...opened,
    [Symbol.dispose]: () => {
      disposeWithoutLingering(opened);
    },
  };
}

async function openAny(target: Target, options: OpenOptions, witness: Witness): Promise<OpenedSocket> {
  const { type } = options;
  if (target.kind === 'path' || target.kind === 'abstract') {
    return orWrongType(target, type, () => openAddress(target, options, witness));
  }
  const { notHeldUp = directly } = options;
  const opened = notHeldUp(() =>
    target.kind === 'inode' ? openInode(target, witness) : openDescriptor(target, witness),
  );
  if (type === undefined || type === opened.facts.type) return opened;
  const actual = opened.facts.type;
  disposeWithoutLingering(opened);
  throw wrongType(formatTarget(target), type, actual);
}
