import { inodeOf } from '../../../native-probe/fd.js';
import { duplicateFrom, openPidfd } from '../../../native-probe/pidfd.js';
import { processStatus } from '../../../native-probe/proc/process.js';
import { ptraceScope } from '../../../native-probe/proc/system.js';
import { boundFileOf } from '../../../native-probe/siocunixfile.js';
import { socketOfInode } from '../../../native-probe/sock-diag.js';
import { bind, openSocket, socketInodeOf } from '../../../native-probe/unix-socket.js';
import { reading } from '../../words/reading.js';
import { connectedClient } from '../client.js';
import { doesNot, mayNot, notTried, refused, type Row, works } from '../row.js';

const pidfdGetfd: Row = {
  id: 'pidfd-getfd',
  group: 'looking',
  name: 'pidfd_getfd(2)',
  since: '5.6',
  tried: 'pidfd_getfd(2) from a child',
  without: 'What a service sees on its own sockets: `scan` and `inspect` ask a duplicate of them.',
  try: () => {
    using client = connectedClient();
    // The client has our descriptors, under the same numbers
    const asked = reading(() => duplicateFrom(client.pidfd, client.shared.number));
    if ('error' in asked) {
      return refused(asked.error, 'Refused for a test client.', fixForPtrace());
    }
    using duplicate = asked.value;
    return inodeOf(duplicate) === inodeOf(client.shared)
      ? works('takes a duplicate of a socket of a child')
      : doesNot('The duplicate is of another file than the one asked for.');
  },
};

const ptraceBeyond: Row = {
  id: 'ptrace-scope',
  group: 'looking',
  name: 'pidfd_getfd(2), no child',
  tried: 'pidfd_getfd(2) from our parent, kernel.yama.ptrace_scope',
  without: 'What other processes of the same user see on their sockets.',
  try: () => {
    const scope = ptraceScope();
    const yama = scope === undefined ? 'no Yama' : `Yama's ptrace_scope ${scope}`;
    const parent = process.ppid;
    const own = reading(() => processStatus(parent).uids);
    if ('error' in own) {
      return {
        ...notTried(`We cannot see whose process our parent is, so it was not asked (${yama}).`),
        error: own.error,
      };
    }
    if (own.value.real !== process.geteuid?.()) {
      return notTried(`Our parent is not a process of the same user, so it was not asked (${yama}).`);
    }
    const asked = reading(() => {
      using pidfd = openPidfd(parent);
      using _duplicate = duplicateFrom(pidfd, 0);
    });
    // EBADF: our parent has no descriptor 0, which we are told only because we may ask
    if ('value' in asked || asked.error.code === 'EBADF') return works(`asks our parent too (${yama})`);
    return refused(asked.error, `Our parent, of the same user, may not be asked (${yama}).`, fixForPtrace());
  },
};

function fixForPtrace(): string {
  const scope = ptraceScope() ?? 0;
  if (scope === 3) return 'Nothing before the next boot: kernel.yama.ptrace_scope is 3.';
  return scope === 0
    ? 'Run it with CAP_SYS_PTRACE, as root has, and outside of a sandbox: a seccomp filter or a security module may forbid pidfd_getfd(2).'
    : `Run it with CAP_SYS_PTRACE, as root has: kernel.yama.ptrace_scope is ${scope}, so processes of one user may not look into each other.`;
}

const unixDiag: Row = {
  id: 'unix-diag',
  group: 'looking',
  name: 'UNIX_DIAG',
  since: '3.3',
  tried: 'SOCK_DIAG_BY_FAMILY for the inode number of a test socket',
  without: 'All of `scan`; the holders, the other end and the queue of a socket in `inspect`.',
  try: () => {
    using socket = openSocket('stream');
    bind(socket, { kind: 'unnamed' });
    const asked = reading(() => socketOfInode(socketInodeOf(socket)));
    if ('error' in asked) return refused(asked.error, 'The list of sockets was refused.');
    return asked.value === undefined
      ? doesNot('The kernel does not list a test socket.', 'Its module may not be loaded: `modprobe unix_diag`.')
      : works('lists a test socket');
  },
};

const socketFile: Row = {
  id: 'siocunixfile',
  group: 'looking',
  name: 'SIOCUNIXFILE',
  since: '4.11',
  tried: 'ioctl(SIOCUNIXFILE) on a test socket that has no file',
  without: 'With certainty, whether the path of a listener still leads to it: `scan` then goes by inode numbers.',
  try: () => {
    using socket = openSocket('stream');
    bind(socket, { kind: 'unnamed' });
    const asked = reading(() => boundFileOf(socket));
    if ('value' in asked) return doesNot('It gives a file for a socket that has none.');
    const { code } = asked.error;
    // Our socket has no file, and only the privileged are told so
    if (code === 'ENOENT') return works('says that a test socket has no file');
    if (code === 'EPERM') {
      return {
        ...mayNot('Refused for a test socket.', 'Run it with CAP_NET_ADMIN over the network namespace, as root has.'),
        error: asked.error,
      };
    }
    return refused(asked.error, 'Refused for a test socket.');
  },
};

export const lookingRows: readonly Row[] = [unixDiag, pidfdGetfd, ptraceBeyond, socketFile];
