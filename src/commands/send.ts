import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { disposeWithoutLingering } from '../../native-probe/calls/without-lingering.js';
import { socketTypes } from '../../native-probe/socket-kinds.js';
import { PeerpidCommand } from '../cli/command.js';
import { defaultTimeout, timeoutFlag } from '../cli/flags.js';
import { namedTarget } from '../cli/named-target.js';
import { addressFor } from '../cli/socket-unit.js';
import type { SendDocument } from '../document/send-document.js';
import { addressOfInode } from '../socket/opening/address-of-inode.js';
import { connectTo } from '../socket/opening/connecting.js';
import { orWrongType } from '../socket/opening/or-wrong-type.js';
import { sendAll, type Sent, statedCredential } from '../socket/sending.js';
import { holdSocketFile } from '../socket/socket-file.js';
import { counted } from '../words/counted.js';
import { wrongUsage } from '../words/problem.js';

/** pid_t */
const largestPid = 2 ** 31 - 1;

/** The number above stands for no id. */
const largestId = 2 ** 32 - 2;

export default class Send extends PeerpidCommand {
  static override summary = 'Send a message to a socket, with credentials of your choice if you like.';

  static override description = `Connects to SOCKET and sends TEXT, or standard input: as one message to a datagram or seqpacket socket, and as it comes to a stream. It does not wait for an answer.

With --as-pid, --as-uid and --as-gid it states the SCM_CREDENTIALS itself, where the kernel would otherwise fill in the sender's own PID and real ids. Stating another PID needs CAP_SYS_ADMIN in the PID namespace, another uid CAP_SETUID, another gid CAP_SETGID (unix(7)); SCM_PIDFD then follows the stated PID. Exit status: 0 sent, 1 could not send, 2 wrong usage, 4 not possible on this system.`;

  static override examples = [
    { description: 'A message:', command: "<%= config.bin %> send /tmp/probe.sock 'hello'" },
    {
      description: 'What comes on standard input, to a datagram socket:',
      command: '$ date | <%= config.bin %> send /run/probe.sock',
    },
    {
      description: 'As somebody else (root):',
      command: "<%= config.bin %> send --as-pid 1 --as-uid 1000 @probe 'hello'",
    },
  ];

  // oclif would read standard input itself, as lines of UTF-8, and lose what it does not understand
  static override args = {
    socket: Args.string({
      name: 'SOCKET',
      description: 'A path, @name, socket:[INODE], a unit such as docker.socket, or an address such as unix:path=….',
      required: true,
      ignoreStdin: true,
    }),
    text: Args.string({ name: 'TEXT', description: 'The message. Without it: standard input.', ignoreStdin: true }),
  };

  static override flags = {
    type: Flags.option({
      options: socketTypes,
      description: 'Connect only as this type.',
    })(),
    'as-pid': Flags.integer({
      min: 1,
      max: largestPid,
      helpValue: 'PID',
      description: 'State this PID; a process must have it.',
    }),
    'as-uid': Flags.integer({
      min: 0,
      max: largestId,
      helpValue: 'UID',
      description: 'State this user id, instead of the real one of the sender.',
    }),
    'as-gid': Flags.integer({
      min: 0,
      max: largestId,
      helpValue: 'GID',
      description: 'State this group id, instead of the real one of the sender.',
    }),
    timeout: timeoutFlag({
      description: 'How long to wait for a place in a full backlog or queue; the default is 5.',
    }),
  };

  async run(): Promise<SendDocument> {
    const { args, flags } = await this.parse(Send);
    const { timeout = defaultTimeout } = flags;
    const witness = this.witness(flags.explain);
    const typed = await addressFor(args.socket, witness, this.jsonEnabled());
    const named = namedTarget(typed, witness, this.jsonEnabled());
    if (named.kind === 'descriptor') throw wrongUsage('send connects for itself', 'Give a path or @name.');
    const target = named.kind === 'inode' ? addressOfInode(named, witness) : named;
    const credential = statedCredential(flags['as-pid'], flags['as-uid'], flags['as-gid']);
    this.circumstances = { target, stated: credential };
    using held = target.kind === 'path' ? holdSocketFile(target) : undefined;
    const { socket, type } = await orWrongType(target, flags.type, () =>
      connectTo(target, flags.type, timeout, witness, held?.fd),
    );
    using _connection = {
      [Symbol.dispose]: () => {
        disposeWithoutLingering(socket);
      },
    };
    const sent = await sendAll(socket, type, args.text, credential, timeout, witness);
    if (!this.jsonEnabled()) process.stdout.write(`${sentText(sent)}\n`);
    return { ...sent, ...(witness.evidence && { evidence: witness.evidence }) };
  }
}

function sentText({ bytes, type, stated }: Sent): string {
  const as = stated === null ? '' : `, stated as PID ${stated.pid}, uid ${stated.uid}, gid ${stated.gid}`;
  return `sent ${counted(bytes, 'byte')} (${type})${as}`;
}
