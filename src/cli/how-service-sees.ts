import type { Holder } from '../../native-probe/proc/socket-holders.js';
import { statusThrough } from '../../native-probe/paths.js';
import { namespaceOfProcess } from '../../native-probe/process-namespace.js';
import { ourselves } from '../identity/ourselves.js';
import type { Inspection } from '../inspection/inspect.js';
import type { ServiceSees } from '../scanning/seen-by/service-sees.js';
import type { Target } from '../socket/address.js';
import { reading, valueOf } from '../words/reading.js';
import { notHeldUp } from './held-up.js';

/** How a service sees us and the owner of its socket's file, where otherwise than we do. @param target - what was looked at */
export async function howServiceSees(
  target: Target,
  { socket, holders }: Inspection,
): Promise<ServiceSees | undefined> {
  const { found } = (holders && valueOf(holders)) ?? { found: [] };
  // The other end of a descriptor's connection may be a client
  const isService = target.kind === 'path' || target.kind === 'abstract' || socket.state === 'listening';
  if (!isService || !found.some(livesElsewhere)) return undefined;
  const { serviceSees } = await import('../scanning/seen-by/service-sees.js');
  return notHeldUp(() => serviceSees(found, socket.file));
}

/** Whether ids may be numbered otherwise for a process, or its files of users and groups be others. */
function livesElsewhere({ pid, thread = pid }: Holder): boolean {
  const namespaces = valueOf(ourselves().namespaces);
  const isElsewhere = reading(() => {
    const [theirs, ours] = [statusThrough(`/proc/${pid}/task/${thread}/root`), statusThrough('/proc/self/root')];
    const isRootOurs = theirs.mount === ours.mount && theirs.device === ours.device && theirs.inode === ours.inode;
    return !isRootOurs || namespaceOfProcess(pid, 'user') !== namespaces?.user;
  });
  return valueOf(isElsewhere) === true;
}
