import { join } from 'node:path';

import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';

import { ConnectionTracer } from '../../native-probe/bpf/connection-tracer.js';
import { SocketIterator } from '../../native-probe/bpf/socket-iterator.js';
import { PeerpidCommand } from '../cli/command.js';
import { traceExitStatus } from '../cli/exit-status.js';
import { durationFlag } from '../cli/flags.js';
import { requireKnownUsers } from '../cli/known-users.js';
import { replaceFile } from '../cli/replace-file.js';
import { SteadyOutput } from '../cli/steady-output.js';
import { requireTraced, tracedOrProblem } from '../cli/traced.js';
import { type TraceCounts, traceMetrics } from '../output/trace/trace-metrics.js';
import { traceText } from '../output/trace/trace-text.js';
import { styleOf } from '../output/style.js';
import { socketPattern } from '../socket/socket-pattern.js';
import { chosenEvents } from '../tracing/chosen-events.js';
import { ServiceHolders } from '../tracing/service-holders.js';
import { trace } from '../tracing/trace.js';
import type { TraceEvent } from '../document/trace-event.js';
import { reading, valueOf } from '../words/reading.js';
import { safeJson } from '../words/sanitise.js';

/** Where what is counted goes. @throws Problem where it cannot be written, before anything is traced */
function countedInto(file: string | undefined): ((counts: TraceCounts) => void) | undefined {
  if (file === undefined) return undefined;
  return (counts) => {
    replaceFile(file, traceMetrics(counts));
  };
}

type TraceFlags = InferredFlags<typeof Trace.flags> & InferredFlags<typeof Trace.baseFlags>;

const chooses = { multiple: true, multipleNonGreedy: true, helpGroup: 'CHOOSE' } as const;

export default class Trace extends PeerpidCommand {
  static override summary = 'Show each connection to a local socket as it happens, and each attempt that fails.';

  static override description = `Each connect(2) to an AF_UNIX socket on this machine is a line, also of programs that run for milliseconds: who, to which address, who serves there, and whether the PID that the service sees is still the client's. Of a failed one the errno, and the path that was tried. What is shown of the client was recorded in the kernel when the call returned.

It needs root (CAP_BPF, CAP_PERFMON) and libbpf.so.1. It changes nothing, and nothing of it stays when it ends. Connections through io_uring(7) are not seen.

Ctrl-C, --duration and --count end it, with a summary. Exit status: 0 traced, 1 could not, or fewer than --count came, 2 wrong usage, 3 the PID of a client was another process already, 4 not possible on this system.`;

  static override examples = [
    { description: 'Who connects to docker?', command: 'sudo <%= config.bin %> trace /run/docker.sock' },
    { description: 'Which program keeps failing to reach a socket?', command: 'sudo <%= config.bin %> trace --failed' },
    { description: 'Each event as a line of JSON:', command: 'sudo <%= config.bin %> trace --json --duration 60' },
  ];

  static override args = {
    socket: Args.string({
      // oclif would take it from standard input
      ignoreStdin: true,
      name: 'SOCKET',
      description: 'Only calls that lead to this path, @name or other SOCKET. Several may follow.',
    }),
  };

  /** More sockets than one may follow. */
  static override strict = false;

  static override flags = {
    failed: Flags.boolean({ description: 'Only calls that fail.', exclusive: ['accepted', 'ended'] }),
    accepted: Flags.boolean({ description: 'Also who accepts each connection, and after how long.' }),
    ended: Flags.boolean({ description: 'Also when a process that connected ends, and how.' }),
    messages: Flags.boolean({ description: 'Also who sends messages and datagrams, by which credentials.' }),
    socket: Flags.string({
      ...chooses,
      char: 's',
      helpValue: 'SOCKET',
      description: 'Calls that lead to this path, @name or other SOCKET.',
    }),
    pid: Flags.string({ ...chooses, char: 'p', helpValue: 'PID,…', description: 'Calls of these processes.' }),
    user: Flags.string({
      ...chooses,
      char: 'u',
      aliases: ['uid'],
      helpValue: 'USER,…',
      description: 'Of processes of these users.',
    }),
    comm: Flags.string({
      ...chooses,
      char: 'C',
      helpValue: 'NAME,…',
      description: 'Of programs of these names; * and ? are wildcards.',
    }),
    unit: Flags.string({
      ...chooses,
      helpValue: 'UNIT,…',
      description: 'Of processes of these systemd units; * and ? are wildcards.',
    }),
    count: Flags.integer({ char: 'c', min: 1, helpValue: 'N', description: 'End after N connections and messages.' }),
    duration: durationFlag({ description: 'End after this many seconds.' }),
    long: Flags.boolean({ char: 'L', description: 'Show all that is known of each.' }),
    prometheus: Flags.string({
      helpValue: 'FILE',
      description: 'Replace FILE every 10 seconds by counts for Prometheus, by address and result.',
    }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Trace);
    for (const typed of flags.user ?? []) requireKnownUsers(typed);
    const sockets = [...(argv as string[]), ...(flags.socket ?? [])].map(socketPattern);
    const isChosen = chosenEvents({ ...flags, sockets });
    const output = new SteadyOutput();
    const directory = join(this.config.root, 'native-probe/bpf');
    const calls = { accepts: flags.accepted, ends: flags.ended, messages: flags.messages };
    using tracer = tracedOrProblem(
      () => new ConnectionTracer(directory, calls),
      (lines) => {
        if (flags.explain && !this.jsonEnabled()) process.stderr.write(lines.map((line) => `${line}\n`).join(''));
      },
    );
    const opened = reading(() => new SocketIterator(directory));
    using _iterator = valueOf(opened);
    const services = 'error' in opened ? opened : { value: new ServiceHolders(() => opened.value.records()) };
    const count = flags.count ?? Infinity;
    const text = this.#text(flags);
    const options = {
      isChosen,
      services,
      text,
      output,
      count,
      duration: flags.duration,
      counted: countedInto(flags.prometheus),
    };
    const { tally, bySignal } = await trace(tracer, options);
    if (bySignal) await output.finish();
    // Where the output could not be written that is what is told
    if (process.exitCode !== undefined) return;
    requireTraced(tally, count);
    process.exitCode = traceExitStatus(tally);
  }

  #text({ long, accepted, ended }: TraceFlags): (event: TraceEvent) => string {
    if (this.jsonEnabled()) return (event) => `${safeJson(event, 0)}\n`;
    return (event) => traceText(event, { long, numbered: accepted || ended }, styleOf(process.stdout));
  }
}
