import { namespaceKinds } from '../../../native-probe/namespaces.js';
import { peerPidfd } from '../../../native-probe/peer-credential.js';
import { endOf, openPidfd, pidfdId, pidfdInfo, pidfdNamespaces } from '../../../native-probe/pidfd.js';
import { mapReading, reading } from '../../words/reading.js';
import { clientExitCode, connectedClient } from '../client.js';
import { pinsClient } from '../pins-client.js';
import { doesNot, refused, type Row, works } from '../row.js';

const soPeerpidfd: Row = {
  id: 'so-peerpidfd',
  group: 'pidfds',
  name: 'SO_PEERPIDFD',
  since: '6.5',
  tried: 'getsockopt(SO_PEERPIDFD) on the socket accepted from a test client',
  without: 'Whether the PID of SO_PEERCRED is still the peer: the verdict is `unpinned`.',
  try: () => {
    using client = connectedClient();
    const asked = reading(() => peerPidfd(client.socket));
    if ('error' in asked) return refused(asked.error, 'There is no pidfd of a test client.');
    using pidfd = asked.value;
    return pinsClient(pidfd, client, 'gives a pidfd that pins a test client');
  },
};

const reapedPeer: Row = {
  id: 'reaped-peer',
  group: 'pidfds',
  name: 'SO_PEERPIDFD, ended peer',
  since: '6.16',
  tried: 'getsockopt(SO_PEERPIDFD) on the socket accepted from a test client that is gone',
  without:
    'How a peer ended that was gone before peerpid looked, and its pidfd id. The refusal shows that it has ended.',
  try: () => {
    using client = connectedClient();
    client.end();
    const asked = reading(() => peerPidfd(client.socket));
    if ('error' in asked) return refused(asked.error, 'There is no pidfd of a client that has ended.');
    using pidfd = asked.value;
    return endOf(pidfd) === 'running'
      ? doesNot('The pidfd is of a running process, not of the client that has ended.')
      : works('gives a pidfd of a client that has ended, too');
  },
};

const pidfdOpen: Row = {
  id: 'pidfd-open',
  group: 'pidfds',
  name: 'pidfd_open(2)',
  since: '5.3',
  tried: 'pidfd_open(2) of a child',
  without: 'Who has a PID now: the difference between `recycled` and `exited`.',
  try: () => {
    using client = connectedClient();
    const opened = reading(() => openPidfd(client.pid));
    if ('error' in opened) return refused(opened.error, 'Refused for a test client.');
    using pidfd = opened.value;
    return pinsClient(pidfd, client, 'opens a pidfd by PID');
  },
};

const pidfdIds: Row = {
  id: 'pidfd-ids',
  group: 'pidfds',
  name: 'pidfd ids (pidfs)',
  since: '6.9',
  tried: 'fstat(2) of two pidfds of a test client and one of another process',
  without: 'Whether two pidfds are of one process; verdicts then rest on the PID that a pidfd shows, and say so.',
  try: () => {
    using client = connectedClient();
    using again = openPidfd(client.pid);
    using other = openPidfd(client.pid === process.pid ? process.ppid : process.pid);
    const ids = [client.pidfd, again, other].map((pidfd) => pidfdId(pidfd));
    if (ids[0] === undefined)
      return doesNot('The file system of pidfds is not pidfs, so their inode numbers are not ids.');
    return ids[0] === ids[1] && ids[0] !== ids[2]
      ? works('two pidfds of one process have one id, and another process has another')
      : doesNot(`Two pidfds of one process have ${String(ids[0])} and ${String(ids[1])}, another's ${String(ids[2])}.`);
  },
};

const pidfdGetInfo: Row = {
  id: 'pidfd-info',
  group: 'pidfds',
  name: 'PIDFD_GET_INFO',
  since: '6.13',
  tried: 'ioctl(PIDFD_GET_INFO) on the pidfd of a child',
  without: "The PID, ids and cgroup of a pidfd's process without /proc.",
  try: () => {
    using client = connectedClient();
    const asked = reading(() => pidfdInfo(client.pidfd));
    if ('error' in asked) return refused(asked.error, 'Refused for a test client.');
    const { pid, uids, gids, cgroupId } = asked.value;
    if (pid !== undefined && pid !== client.pid) return doesNot(`It says PID ${pid} of PID ${client.pid}.`);
    const fields = { PID: pid, 'real to fs uid': uids, 'real to fs gid': gids, 'cgroup id': cgroupId };
    const given = (want: boolean): string =>
      Object.entries(fields)
        .filter(([, value]) => (value !== undefined) === want)
        .map(([name]) => name)
        .join(', ');
    if (given(true) === '') return doesNot('It answers, but gives nothing.');
    return works(`gives ${given(true)}${given(false) === '' ? '' : `, but not ${given(false)}`}`);
  },
};

const exitStatus: Row = {
  id: 'exit-status',
  group: 'pidfds',
  name: 'PIDFD_GET_INFO, exit status',
  since: '6.15',
  tried: 'ioctl(PIDFD_GET_INFO) on the pidfd of a child that is gone',
  without: 'How a peer that has ended did so: its exit status or signal.',
  try: () => {
    using client = connectedClient();
    client.end();
    const asked = reading(() => pidfdInfo(client.pidfd));
    if ('error' in asked) {
      const trial = refused(asked.error, 'Refused for a test client that is gone.');
      // 6.13 and 6.14 know nothing of a process that is gone
      return asked.error.code === 'ESRCH' ? { ...trial, ability: 'does-not' } : trial;
    }
    const { waitStatus } = asked.value;
    if (waitStatus === undefined) return doesNot('It answers for a test client that is gone, but not how it ended.');
    return waitStatus === clientExitCode << 8
      ? works(`shows how a process ended that is gone (${clientExitCode}, of a child)`)
      : doesNot(`It gives wait status ${waitStatus} of a test client that exited with ${clientExitCode}.`);
  },
};

const namespaceIoctls: Row = {
  id: 'namespace-ioctls',
  group: 'pidfds',
  name: 'PIDFD_GET_*_NAMESPACE',
  since: '6.11',
  tried: 'ioctl(PIDFD_GET_PID_NAMESPACE) and its like on the pidfd of a child',
  without: 'In which namespaces, and so in which container, a peer lives that has no PID here.',
  try: () => {
    using client = connectedClient();
    const asked = mapReading(
      reading(() => pidfdNamespaces(client.pidfd)),
      (namespaces) => namespaceKinds.filter((kind) => namespaces[kind] !== undefined),
    );
    if ('error' in asked) return refused(asked.error, 'Refused for a test client.');
    return works(`show ${asked.value.length} kinds of a child's: ${asked.value.join(', ')}`);
  },
};

export const pidfdRows: readonly Row[] = [
  soPeerpidfd,
  reapedPeer,
  pidfdOpen,
  pidfdIds,
  pidfdGetInfo,
  exitStatus,
  namespaceIoctls,
];
