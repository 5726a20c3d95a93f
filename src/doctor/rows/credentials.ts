import {
  type Credential,
  peerCredential,
  peerGroups,
  peerSecurityLabel,
} from '../../../native-probe/peer-credential.js';
import { reading } from '../../words/reading.js';
import { textOf } from '../../words/text.js';
import { connectedClient } from '../client.js';
import { doesNot, refused, type Row, works } from '../row.js';

const soPeercred: Row = {
  id: 'so-peercred',
  group: 'credentials',
  name: 'SO_PEERCRED',
  tried: 'getsockopt(SO_PEERCRED) on the socket accepted from a test client',
  without: 'Who is at the other end, at all.',
  try: () => {
    using client = connectedClient();
    const asked = reading(() => peerCredential(client.socket));
    if ('error' in asked) {
      return refused(
        asked.error,
        'Refused for a test client.',
        'A seccomp filter or a BPF program (`peerpid doctor bpf-above`) may refuse it: run peerpid outside of that.',
      );
    }
    const said = idsText(asked.value);
    const own = idsText({ pid: client.pid, uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 });
    if (said === own) return works('names a test client by its PID, uid and gid');
    return doesNot(
      `It says ${said} of a test client that has ${own}: something rewrites it.`,
      'See `peerpid doctor bpf-above`.',
    );
  },
};

function idsText(ids: Credential | undefined): string {
  return ids === undefined ? 'that there is no peer' : `PID ${ids.pid}, uid ${ids.uid} and gid ${ids.gid}`;
}

const soPeergroups: Row = {
  id: 'so-peergroups',
  group: 'credentials',
  name: 'SO_PEERGROUPS',
  since: '4.13',
  tried: 'getsockopt(SO_PEERGROUPS) on the socket accepted from a test client',
  without: 'The groups that the peer had when it connected.',
  try: () => {
    using client = connectedClient();
    const asked = reading(() => peerGroups(client.socket));
    if ('error' in asked) return refused(asked.error, 'Refused for a test client.');
    const count = asked.value.length;
    return works(`shows a client's groups: ${count === 0 ? 'none here' : count === 1 ? 'one here' : `${count} here`}`);
  },
};

const soPeersec: Row = {
  id: 'so-peersec',
  group: 'credentials',
  name: 'SO_PEERSEC',
  tried: 'getsockopt(SO_PEERSEC) on the socket accepted from a test client',
  without: "The peer's security label.",
  try: () => {
    using client = connectedClient();
    const asked = reading(() => peerSecurityLabel(client.socket));
    if ('value' in asked) return works(`labels a test client ${textOf(asked.value)}`);
    if (asked.error.code !== 'ENOPROTOOPT') return refused(asked.error, 'Refused for a test client.');
    return refused(
      asked.error,
      'No security module here labels sockets.',
      'SELinux and Smack label them, and AppArmor since Linux 6.17.',
    );
  },
};

export const peerCredentialRows: readonly Row[] = [soPeercred, soPeergroups, soPeersec];
