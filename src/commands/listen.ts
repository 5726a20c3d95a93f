import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';

import { socketTypes } from '../../native-probe/socket-kinds.js';
import { PeerpidCommand } from '../cli/command.js';
import { listenExitStatus } from '../cli/exit-status.js';
import { modeFlag, timeoutFlag } from '../cli/flags.js';
import { tellLeft } from '../cli/left-behind.js';
import { listenAddress, listenPlace } from '../cli/listen-place.js';
import { SteadyOutput } from '../cli/steady-output.js';
import { whenToStop } from '../cli/stopping.js';
import { requireEnough } from '../listening/enough.js';
import { EventLoop } from '../listening/event-loop.js';
import { hardToReach } from '../listening/hard-to-reach.js';
import { Journal } from '../listening/journal.js';
import { Listener } from '../listening/listener.js';
import { PassedCloser } from '../listening/passed-closer.js';
import { serve } from '../listening/serve.js';
import type { ServerOptions } from '../listening/server.js';
import { warningText } from '../output/problem-text.js';
import { styleOf } from '../output/style.js';
import type { AddressTarget } from '../socket/address.js';

const leftFile = tellLeft('the socket file', 'Remove it: clients that find it are refused (ECONNREFUSED).');
const leftDirectory = tellLeft('the directory', 'Remove it: it was made only for the socket.');

type ListenFlags = InferredFlags<typeof Listen.flags> & InferredFlags<typeof Listen.baseFlags>;

function countOf({ once, count }: ListenFlags): number {
  return once ? 1 : (count ?? Infinity);
}

export default class Listen extends PeerpidCommand {
  static override summary =
    'Open a socket, and show who connects to it, who sends each message, and when each of them ends.';

  static override description = `Listens on SOCKET (or on a fresh path), and for each client shows what inspect shows: the plain PID and what the pidfd pins, with a verdict. The connection stays open; when the client disconnects or its process ends, that is shown, too, with the exit status. Each message is shown with its own sender (SCM_CREDENTIALS and SCM_PIDFD), who may not be the process that connected.

Ctrl-C, SIGTERM, --count and --timeout end it; the socket file is removed if it is still the one that was made. Exit status: 0 the PIDs of all connections and messages can be trusted, 1 could not listen, or fewer than --count came, 2 wrong usage, 3 one of them cannot be trusted, 4 not possible on this system.`;

  static override examples = [
    { description: 'What does a service see of my client?', command: '<%= config.bin %> listen /tmp/probe.sock' },
    {
      description: 'One client, then the end:',
      command: '<%= config.bin %> listen --once --mode 0666 /run/probe.sock',
    },
    { description: 'Who sends datagrams?', command: '<%= config.bin %> listen --type dgram /tmp/probe.sock' },
    { description: 'Each event as a line of JSON:', command: '<%= config.bin %> listen --json @probe | jq -c .' },
  ];

  static override args = {
    socket: Args.string({
      // oclif would take it from standard input
      ignoreStdin: true,
      name: 'SOCKET',
      description: 'A path or @name. Without it: a fresh path in the runtime directory.',
    }),
  };

  static override flags = {
    type: Flags.option({
      options: socketTypes,
      default: 'stream',
      description: 'The type of the socket. A datagram socket has no connections: each message has its own sender.',
    })(),
    mode: modeFlag({
      char: 'm',
      description: "Mode of the socket's file, in octal: who may connect. Without it the umask decides.",
    }),
    replace: Flags.boolean({ description: 'First remove a socket file on which nobody listens any more.' }),
    count: Flags.integer({
      char: 'c',
      min: 1,
      helpValue: 'N',
      description: 'Accept N clients, and end when they have left; on a datagram socket: receive N messages.',
      exclusive: ['once'],
    }),
    once: Flags.boolean({ description: 'The same as --count 1.' }),
    timeout: timeoutFlag({ description: 'End after this many seconds.' }),
    preview: Flags.integer({
      min: 0,
      max: 65536,
      default: 64,
      helpValue: 'BYTES',
      description: 'How much to show of each message.',
    }),
    'no-preview': Flags.boolean({
      description: 'Show nothing of the contents of messages. The same as --preview 0.',
      exclusive: ['preview'],
    }),
    long: Flags.boolean({
      char: 'L',
      description: 'Show every row by PID and by pidfd, even where both agree.',
    }),
    holders: Flags.boolean({
      description: 'At each connection, search the descriptors of all processes for who has the other end open.',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Listen);
    const typed = listenAddress(args.socket, flags.mode);
    this.circumstances = { target: typed };
    const output = new SteadyOutput();
    const journal = await this.#journal(output, flags.long);
    const bySignal = await this.#listen(typed, flags, journal);
    // Only now that the socket and its file are gone
    if (bySignal) await output.finish();
    // Where the output could not be written that is what is told
    if (process.exitCode !== undefined) return;
    requireEnough(journal, countOf(flags), flags.type);
    process.exitCode = listenExitStatus(journal);
  }

  /** @returns whether a signal ended it */
  async #listen(typed: AddressTarget | undefined, flags: ListenFlags, journal: Journal): Promise<boolean> {
    using loop = new EventLoop();
    const stop = (): void => {
      loop.stop();
    };
    // Before the file and its directory are there, so that a signal cannot leave them behind
    using stopping = whenToStop(stop);
    if (flags.timeout !== undefined) loop.stopAfter(flags.timeout);
    loop.stopWithReader(process.stdout.fd);
    using place = listenPlace(typed, leftDirectory);
    using listener = Listener.open(place.address, { ...flags, left: leftFile });
    const options = this.#serverOptions(flags);
    // Where one cannot be closed the server and the listener are closed before, and the end waits for none
    using closer = new PassedCloser(loop);
    using server = serve(flags.type, loop, listener, options, journal.events(stop), closer);
    journal.listening(listener);
    journal.hardToReach(hardToReach(place.address), (text) => {
      process.stderr.write(warningText(text, styleOf(process.stderr)));
    });
    await loop.run(journal);
    journal.summary(server.open);
    return stopping.bySignal;
  }

  async #journal(output: SteadyOutput, both: boolean): Promise<Journal> {
    const text = this.jsonEnabled() ? undefined : (await import('../output/listen/listen-text.js')).listenText;
    return new Journal({ text, output, both });
  }

  #serverOptions(flags: ListenFlags): ServerOptions {
    return {
      count: countOf(flags),
      holders: flags.holders,
      preview: flags['no-preview'] ? 0 : flags.preview,
      witness: () => this.witness(flags.explain),
    };
  }
}
