import { encodeDescriptors } from '../../../native-probe/ancillary.js';
import { Fd } from '../../../native-probe/fd.js';
import { askForSenders, dealWith, type Message, MessageReceiver, send } from '../../../native-probe/message.js';
import { endOf } from '../../../native-probe/pidfd.js';
import type { SenderOption } from '../../../native-probe/socket-kinds.js';
import { errnoName } from '../../../native-probe/syscall-error.js';
import { openSocket, openSocketPair, refuseDescriptors } from '../../../native-probe/unix-socket.js';
import { reading, type Reading, type Refusal } from '../../words/reading.js';
import { type Client, sendingClient } from '../client.js';
import { pinsClient } from '../pins-client.js';
import { doesNot, notTried, refused, type Row, type Trial, works } from '../row.js';

type Ancillary = Message['ancillary'];

/** Has a test client send a message to a socket with this option on, and looks at what came along. */
function receive(
  option: SenderOption,
  when: 'alive' | 'ended',
  look: (ancillary: Ancillary, client: Client) => Trial,
): Trial {
  using receiver = openSocket('dgram');
  const asked = reading(() => {
    askForSenders(receiver, option);
  });
  if ('error' in asked) return refused(asked.error, 'A socket cannot ask for it.');
  using client = sendingClient(receiver);
  if (when === 'ended') client.end();
  const messages = new MessageReceiver(1, 16).receive(receiver, false);
  let trial = notTried('A test client has sent a message, but none came.');
  dealWith(messages, ({ ancillary }) => {
    trial = look(ancillary, client);
  });
  return trial;
}

const scmCredentials: Row = {
  id: 'scm-credentials',
  group: 'messages',
  name: 'SCM_CREDENTIALS',
  tried: 'setsockopt(SO_PASSCRED), recvmsg of a message of a test client',
  without: 'Who sent a message.',
  try: () =>
    receive('SO_PASSCRED', 'alive', ({ credential }, client) => {
      if (credential === undefined) return doesNot('SO_PASSCRED can be set, but brings nothing.');
      const said = `PID ${credential.pid}, uid ${credential.uid} and gid ${credential.gid}`;
      const own = `PID ${client.pid}, uid ${process.getuid?.() ?? 0} and gid ${process.getgid?.() ?? 0}`;
      return said === own
        ? works("SO_PASSCRED brings a sender's PID, uid and gid")
        : doesNot(`It says ${said} of a message of a test client that has ${own}.`);
    }),
};

const scmPidfd: Row = {
  id: 'scm-pidfd',
  group: 'messages',
  name: 'SCM_PIDFD',
  since: '6.5',
  tried: 'setsockopt(SO_PASSPIDFD), recvmsg of a message of a test client',
  without: 'Whether the PID that came with a message is still the process that sent it: its verdict is `unpinned`.',
  try: () =>
    receive('SO_PASSPIDFD', 'alive', ({ pidfd }, client) => {
      if (pidfd === undefined) return doesNot('SO_PASSPIDFD can be set, but brings nothing.');
      if (!(pidfd instanceof Fd)) return refused(refusalOf(pidfd), 'An errno came instead.');
      return pinsClient(pidfd, client, "SO_PASSPIDFD brings a sender's pidfd");
    }),
};

const reapedSender: Row = {
  id: 'reaped-sender',
  group: 'messages',
  name: 'SCM_PIDFD, ended sender',
  since: '6.17',
  tried: 'setsockopt(SO_PASSPIDFD), recvmsg of a message of a test client that is gone',
  without:
    'How a sender ended that was gone before its message was received, and its pidfd id. The refusal shows that it has ended.',
  try: () =>
    receive('SO_PASSPIDFD', 'ended', ({ pidfd }) => {
      if (pidfd === undefined) return doesNot('There is no pidfd of a sender that has ended.');
      if (pidfd instanceof Fd) {
        return endOf(pidfd) === 'running'
          ? doesNot('The pidfd is of a running process, not of the sender that has ended.')
          : works('there is a pidfd of a sender that has ended, too');
      }
      const { syscall, code } = refusalOf(pidfd);
      // refused() would take ESRCH, which Linux 6.16 answers, for `not-tried`
      return doesNot(`Instead of the pidfd came ${code}, which is not a descriptor.`, undefined, { syscall, code });
    }),
};

function refusalOf(errno: number): Refusal {
  return { syscall: 'SCM_PIDFD', code: errnoName(errno) };
}

const soPassrights: Row = {
  id: 'so-passrights',
  group: 'messages',
  name: 'SO_PASSRIGHTS',
  since: '6.16',
  tried: 'setsockopt(SO_PASSRIGHTS, 0), sendmsg of a descriptor to it',
  without: 'Whether a service refuses descriptors; without it, none can.',
  try: () => {
    const [one, other] = openSocketPair('stream');
    using sender = one;
    using receiver = other;
    const set = reading(() => {
      refuseDescriptors(receiver);
    });
    if ('error' in set) return refused(set.error, 'A socket cannot refuse descriptors.');
    const sent: Reading<number> = reading(() =>
      send(sender, { data: Buffer.from('x'), control: encodeDescriptors([sender.number]) }),
    );
    if ('value' in sent) return doesNot('It can be set, but a descriptor was passed all the same.');
    return sent.error.code === 'EPERM'
      ? works('no descriptor reaches a socket that takes none')
      : {
          ...notTried('It can be set, but it could not be tried whether a descriptor is then refused.'),
          error: sent.error,
        };
  },
};

export const messageRows: readonly Row[] = [scmCredentials, scmPidfd, reapedSender, soPassrights];
