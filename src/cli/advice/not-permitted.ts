/** Why connect(2) is refused with EPERM, which modes and access control lists have no part in. */
import type { DiagSocket } from '../../../native-probe/diag-socket.js';
import type { AddressTarget, Target } from '../../socket/address.js';
import { findAtAddress } from '../../socket/opening/find-socket.js';
import { fileAt } from '../../socket/socket-file.js';
import { reading } from '../../words/reading.js';
import { otherForbidders } from './other-forbidders.js';
import { whyImmutable } from './permission.js';

const ofItsPeer = 'receives only from its own peer (unix(7))';

/** What forbids it, in sentences: what is seen to, or else what may. */
export function whyNotPermitted(target: Target | undefined): string {
  if (target?.kind !== 'path' && target?.kind !== 'abstract') return otherForbidders(undefined, [cgroupProgram]);
  const immutable = target.kind === 'path' ? whyImmutable(target.path) : undefined;
  if (immutable !== undefined) return immutable;
  const there = reading(() => reachedAt(target));
  if ('value' in there && there.value.length > 0 && there.value.every(isConnected)) {
    return `It is a datagram socket that is connected itself, so it ${ofItsPeer}.`;
  }
  const mayBe = 'error' in there ? [`that it is a datagram socket which is connected itself, so it ${ofItsPeer}`] : [];
  return otherForbidders(target.kind, [...mayBe, cgroupProgram]);
}

const cgroupProgram = 'a BPF program on a cgroup (`bpftool cgroup tree` shows them)';

/** What clients reach there: an abstract name may be a socket of each type. @throws SyscallError as stat(2), or without a list */
function reachedAt(target: AddressTarget): DiagSocket[] {
  const file = target.kind === 'path' ? fileAt(target.path) : undefined;
  return findAtAddress(target, undefined, file).filter((socket) => socket.state === 'listening' || isConnected(socket));
}

function isConnected({ type, state }: DiagSocket): boolean {
  return type === 'dgram' && state === 'connected';
}
