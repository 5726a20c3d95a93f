import { dirname } from 'node:path';

import { leadsSomewhere } from '../../../native-probe/paths.js';
import { ptraceScope } from '../../../native-probe/proc/system.js';
import type { SyscallError } from '../../../native-probe/syscall-error.js';
import type { Target } from '../../socket/address.js';
import type { StatedCredential } from '../../socket/sending.js';
import { exitStatuses } from '../../words/problem.js';
import { removedDirectoryHint } from './current-directory.js';
import { whyNotPermitted } from './not-permitted.js';
import { otherForbidders } from './other-forbidders.js';
import { whyDenied } from './permission.js';
import { whyNotStated } from './stating.js';

/** What was being done when it failed, as far as advice depends on it. */
export interface Circumstances {
  readonly target?: Target | undefined;
  /** The credentials that a message states; undefined where the kernel fills them in. */
  readonly stated?: StatedCredential | undefined;
}

type Advice = (
  error: SyscallError,
  circumstances: Circumstances,
) => readonly [message: string, hint: string, exitStatus?: typeof exitStatuses.notPossibleHere];

const timeoutHint =
  'All places in its backlog are taken, and nobody accepts the clients in time: its process may be busy, stuck or stopped. Wait longer with --timeout; `peerpid inspect`, as root or its user, shows what keeps it, as far as can be seen.';

/** What happened and what to do, by "syscall CODE". */
export const advice: Readonly<Record<string, Advice>> = {
  'stat ENOTDIR': ({ subject }) => [
    `${subject} leads through something that is not a directory`,
    'Check the path: every part but the last must be a directory.',
  ],
  'stat EACCES': denied,
  'stat ENAMETOOLONG': tooLong,
  'stat ELOOP': ({ subject }) => [
    `${subject} leads through symbolic links without end`,
    'More than 40, or in a circle (path_resolution(7)): name the socket itself.',
  ],
  'stat ETIMEDOUT': ({ subject }) => [
    `${subject} cannot be looked at: a file system on its path does not answer`,
    'A FUSE, NFS or automount may hang there, and whatever looks at it hangs, too: `peerpid scan --socket` shows the socket without looking there.',
  ],
  'stat EBUSY': ({ subject }) => [
    `${subject} was not looked at: the file systems of too many other paths do not answer`,
    'FUSE, NFS or automounts may hang: try again once they answer, or are unmounted.',
  ],
  'connect ETIMEDOUT': stuck,
  'prctl(PR_SET_NAME) ETIMEDOUT': stuck,
  'connect EACCES': denied,
  'connect EPERM': ({ subject }, { target }) => [`you may not connect to ${subject}`, whyNotPermitted(target)],
  'connect ENOENT': ({ subject }) => [`${subject} has just vanished`, 'The service may be restarting: try again.'],
  'connect EAGAIN': ({ subject }) => [`the backlog of ${subject} stays full`, timeoutHint],
  'bind ENOENT': ({ subject }) => {
    const removed = removedDirectoryHint(subject);
    if (removed !== undefined) return [`cannot create ${subject}: its directory does not exist`, removed];
    return leadsSomewhere(dirname(subject))
      ? [
          `cannot create ${subject}: its directory does not take such a file`,
          'The directory exists, but its file system refuses (ENOENT), as /proc does: give a path elsewhere.',
        ]
      : [`cannot create ${subject}: its directory does not exist`, `\`mkdir -p ${dirname(subject)}\` creates it.`];
  },
  'bind ETIMEDOUT': ({ subject }) => [
    `cannot create ${subject}: a file system on its path does not answer`,
    'A FUSE, NFS or automount may hang there: give a path elsewhere.',
  ],
  'bind EACCES': ({ subject }) => [
    `you may not create ${subject}`,
    'A new file needs write permission on its directory: give a path in a directory of your own, such as $XDG_RUNTIME_DIR.',
  ],
  'bind EROFS': ({ subject }) => [`${subject} is on a read-only file system`, 'Give a path that is writable.'],
  'bind ENAMETOOLONG': tooLong,
  'open ENOENT': ({ subject }) => [`there is no ${subject}`, 'Check the path: each part of it must exist.'],
  'open EACCES': ({ subject }) => [`you may not enter ${subject}`, 'Give another path, or try with sudo.'],
  'unlink EACCES': notRemovable,
  'unlink EPERM': notRemovable,
  'rename EACCES': notRemovable,
  'rename EPERM': notRemovable,
  'sendmsg EPERM': (_, { stated, target }) =>
    stated === undefined
      ? ['you may not send to this socket', whyNotPermitted(target)]
      : ['the kernel does not let you state these credentials', whyNotStated(stated)],
  'sendmsg ESRCH': () => ['there is no process with the stated PID', 'Give the PID of a running process.'],
  'sendmsg EMSGSIZE': () => [
    'the message is too long for this socket',
    'A datagram must fit into the send buffer (net.core.wmem_default): send less, or use a stream.',
  ],
  'sendmsg EAGAIN': () => [
    'the queue of the receiver stays full',
    'Its process does not read, or not fast enough. Wait longer with --timeout; `peerpid inspect`, as root or its user, shows what keeps it, as far as can be seen.',
  ],
  'sendmsg EPIPE': () => [
    'the other end is closed, or accepts nothing more',
    'The service has closed the connection, shut it down, or ended: its log may say why.',
  ],
  'sendmsg ECONNREFUSED': () => ['nobody receives there any more', 'The service may be restarting: try again.'],
  'pidfd_open ESRCH': ({ subject }) => [
    `there is no process ${subject}`,
    'It may have ended, or live outside this PID namespace: `peerpid scan --long` shows who has which sockets open.',
  ],
  'pidfd_open EINVAL': notAProcess,
  'pidfd_open ENOENT': notAProcess,
  'pidfd_getfd EBADF': ({ subject }, { target }) => [
    `process ${target?.kind === 'descriptor' ? target.pid : ''} has no descriptor ${subject}`,
    'It may have been closed: `peerpid scan --long --pid PID` shows its sockets, with their descriptors.',
  ],
  'pidfd_getfd EPERM': (_, { target }) => [
    `you may not duplicate a descriptor of process ${target?.kind === 'descriptor' ? target.pid : ''}`,
    process.geteuid?.() === 0
      ? 'Root has no CAP_SYS_PTRACE over it here, as in a container or a user namespace, or a security module or a sandbox forbids it.'
      : `This needs the right to trace the process: run as root${(ptraceScope() ?? 0) > 0 ? '' : ' or as its user'}, and not in a sandbox.`,
  ],
  'pidfd_getfd ESRCH': ({ subject }) => [
    `the process of descriptor ${subject} has just ended`,
    'Look for the process that took its place.',
  ],
  'getsockopt(SO_TYPE) EPERM': () => [
    'you may not ask what type the socket has',
    'The kernel lists no such socket here, and getsockopt(2) is refused, for example by a BPF program on the cgroup of the process that made it (`bpftool cgroup tree` shows them) or by a seccomp filter.',
  ],
  'socket(NETLINK_SOCK_DIAG) EPERM': listForbidden,
  'socket(NETLINK_SOCK_DIAG) EACCES': listForbidden,
  'send EPERM': listForbidden,
  'send EACCES': listForbidden,
  'socket(NETLINK_SOCK_DIAG) EAFNOSUPPORT': (error) => [...listForbidden(error), exitStatuses.notPossibleHere],
  'socket(NETLINK_SOCK_DIAG) EPROTONOSUPPORT': noList,
  'sock_diag ENOENT': noList,
  'fcntl(F_DUPFD_CLOEXEC) EBADF': ({ subject }) => [
    `peerpid has no descriptor ${subject}`,
    'Have the shell open one for it, or name another process: /proc/PID/fd/N.',
  ],
};

function denied({ subject, syscall }: SyscallError, { target }: Circumstances): readonly [string, string] {
  return [
    `you may not ${syscall === 'connect' ? 'connect to' : 'reach'} ${subject}`,
    target?.kind === 'path'
      ? whyDenied(target.path)
      : otherForbidders(target?.kind === 'abstract' ? 'abstract' : undefined),
  ];
}

function listForbidden({ code }: SyscallError): readonly [string, string] {
  return [
    `you may not ask the kernel for its list of sockets (${code})`,
    'A sandbox may forbid netlink, such as RestrictAddressFamilies= without AF_NETLINK in a systemd unit, a seccomp filter or a security module: run peerpid outside of that.',
  ];
}

function noList({ code }: SyscallError): ReturnType<Advice> {
  return [
    `this kernel does not list its sockets (${code})`,
    'This needs the module unix_diag: `modprobe unix_diag`, or a kernel built with CONFIG_UNIX_DIAG.',
    exitStatuses.notPossibleHere,
  ];
}

function tooLong({ subject }: SyscallError): readonly [string, string] {
  return [
    `${subject.slice(0, 60)}… is too long for any path`,
    'A path has at most 4095 bytes, each part of it at most 255 (path_resolution(7)).',
  ];
}

function notRemovable({ subject }: SyscallError): readonly [string, string] {
  return [
    `you may not remove ${subject}`,
    'This needs write permission on its directory, and in a sticky one such as /tmp you must own the file.',
  ];
}

function notAProcess({ subject }: SyscallError): readonly [string, string] {
  return [`${subject} is a thread, not a process`, 'Name its process: the line Tgid in /proc/NUMBER/status.'];
}

/** A child process of peerpid's own did not do its part in time. */
function stuck(): readonly [message: string, hint: string] {
  return [
    'a child process that was started for this did not get that far',
    'The machine may be very busy, or a sandbox may keep a new process from its calls: try again, or outside the sandbox.',
  ];
}
