import type { LibraryCall } from '../../../native-probe/calls/call-chain.js';
import { CallingChild } from '../../../native-probe/calls/calling-child.js';
import type { Fd } from '../../../native-probe/fd.js';
import { forbiddingSwitch, userNamespaceSwitches } from '../../../native-probe/namespace-switches.js';
import { pidfdNamespaces } from '../../../native-probe/pidfd.js';
import { isReadable } from '../../../native-probe/poll.js';
import { processNamespaces } from '../../../native-probe/proc/process.js';
import { overflowUid, overflowUidIsMapped } from '../../../native-probe/proc/system.js';
import { uapi } from '../../../native-probe/uapi.js';
import { openSocketPair } from '../../../native-probe/unix-socket.js';
import { reading, valueOf } from '../../words/reading.js';
import { mayNot, notTried, refused, type Row, type Trial, works } from '../row.js';

/** Milliseconds to wait for the child. */
const patience = 5000;

export const userNamespaces: Row = {
  id: 'user-namespaces',
  group: 'system',
  name: 'user namespaces, not root',
  since: '3.8',
  tried: 'clone(CLONE_NEWUSER); for root unshare(CLONE_NEWUSER) in a child that gave root up',
  without: '`race` without root.',
  // Root of a user namespace without an unprivileged id has nobody else to become, and has no privilege outside
  try: () => (process.geteuid?.() === 0 && overflowUidIsMapped() ? asSomebodyElse() : asOurselves()),
};

function asOurselves(): Trial {
  const asked = reading(() => {
    using child = CallingChild.start([], uapi.CLONE_NEWUSER);
    child.wait();
  });
  if ('value' in asked) return works('a child may have one of its own');
  const trial = refused(asked.error, 'A child may not have one of its own.', fix());
  // The limit of clone(2) that a sysctl sets
  return ['ENOSPC', 'EUSERS'].includes(asked.error.code) ? { ...trial, ability: 'may-not' } : trial;
}

/** Root may have one whatever the limits for others, so a child that is root no more tries. */
function asSomebodyElse(): Trial {
  const id = valueOf(reading(overflowUid)) ?? 65534;
  const [near, far] = openSocketPair('stream');
  using ours = near;
  using its = far;
  // By syscall(2): the C library's own setresuid(2) has all threads do the same, and the child has only one
  using child = CallingChild.start([
    ['syscall', uapi.NR_setgroups, 0, 0],
    ['syscall', uapi.NR_setresgid, id, id, id],
    ['syscall', uapi.NR_setresuid, id, id, id],
    ['unshare', uapi.CLONE_NEWUSER],
    ['write', its.number, Buffer.from('x'), 1],
    ['pause'],
  ] satisfies LibraryCall[]);
  if (!isReadable(ours, patience)) return notTried('A child of ours did not get that far.');
  const [own, theirs] = [userNamespaceOf('self'), userNamespaceOf(child)];
  if (own === undefined || theirs === undefined) return notTried('It is not known in which namespaces a child is.');
  return own === theirs
    ? mayNot(`A child that became user ${id} may not have one of its own.`, fix())
    : works(`a child that became user ${id} may have one of its own`);
}

function userNamespaceOf(who: 'self' | { readonly pid: number; readonly pidfd: Fd }): number | undefined {
  if (who === 'self') return valueOf(reading(() => processNamespaces('self').user));
  return (
    valueOf(reading(() => pidfdNamespaces(who.pidfd).user)) ?? valueOf(reading(() => processNamespaces(who.pid).user))
  );
}

function fix(): string {
  const off = forbiddingSwitch(userNamespaceSwitches);
  const asRoot = 'Run `race` as root';
  if (off === undefined)
    return `${asRoot}, or outside of a sandbox: a seccomp filter or a security module may forbid it.`;
  return `${asRoot}: ${off.name} is ${off.forbids}. \`sysctl ${off.name}=${off.allows}\` would let every user and program have them, which opens more of the kernel to attack.`;
}
