import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { requireLibsystemd } from '../../native-probe/bus/libsystemd.js';
import { describeBus, describeClient } from '../buses/describe-bus.js';
import {
  isPid,
  nobodyHas,
  notFollowed,
  orBusProblem,
  orBusProblemLater,
  requireBusName,
  silentBus,
} from '../buses/bus-problem.js';
import type { BusKind } from '../buses/activation.js';
import { BusChoice } from '../buses/bus-choice.js';
import { OpenBus, SilentBus } from '../buses/open-bus.js';
import { withPolkit } from '../buses/polkit.js';
import { busTarget } from '../cli/bus-address.js';
import { PeerpidCommand } from '../cli/command.js';
import { busExitStatus } from '../cli/exit-status.js';
import { defaultTimeout, durationFlag, noPagerFlag, timeoutFlag } from '../cli/flags.js';
import { notHeldUp } from '../cli/held-up.js';
import { SteadyOutput } from '../cli/steady-output.js';
import type { BusDocument } from '../document/bus-document.js';
import type { BusEvent } from '../document/bus-event.js';
import { SystemNames } from '../document/names.js';
import { ourselves } from '../identity/ourselves.js';
import { styleOf } from '../output/style.js';
import { formatTarget } from '../socket/address.js';
import { openTarget } from '../socket/opening/open-target.js';
import { exitStatuses, wrongUsage } from '../words/problem.js';
import { valueOf } from '../words/reading.js';
import { safeJson } from '../words/sanitise.js';

export default class Bus extends PeerpidCommand {
  static override summary = 'Show who is connected to a D-Bus daemon, by its own word and by the kernel.';

  static override description = `Asks the bus for its names and for the credentials of each connection (GetConnectionCredentials), and shows them beside what the kernel recorded of that connection. The verdict is on the PID that the bus gives: with a pidfd (ProcessFD) it can be trusted, without one it is unpinned, and polkit has no more than it.

It takes libsystemd.so.0, and connects to the bus as a client. Root, or the user of the bus, sees the kernel's side.

Exit status: 0 nobody is deceived by a PID (with names or --strict: every PID can be trusted), 1 could not look, 2 wrong usage, 3 somebody is, 4 not possible on this system.`;

  static override examples = [
    { description: 'The system bus, as root:', command: 'sudo <%= config.bin %> bus' },
    { description: 'All about one connection:', command: '<%= config.bin %> bus org.freedesktop.login1' },
    { description: 'Which process does polkit take for a client?', command: '<%= config.bin %> bus --polkit :1.42' },
    { description: 'Your session:', command: '<%= config.bin %> bus --session' },
    { description: 'Who comes and goes?', command: '<%= config.bin %> bus --watch' },
    { description: 'A bus by its address:', command: '<%= config.bin %> bus --address unix:path=/run/app/bus' },
  ];

  static override args = {
    name: Args.string({
      // oclif would take it from standard input
      ignoreStdin: true,
      name: 'NAME',
      description:
        'Only the connection with this name, such as :1.42 or org.freedesktop.login1, or with this PID, and all about it.',
    }),
  };

  /** More names than one may follow. */
  static override strict = false;

  static override flags = {
    system: Flags.boolean({ description: 'The system bus; the default.', exclusive: ['session', 'address'] }),
    session: Flags.boolean({ description: 'The bus of your session.', exclusive: ['address'] }),
    address: Flags.string({
      helpValue: 'ADDRESS',
      description: 'The bus at this address: a path, @name, or the like of unix:path=….',
    }),
    strict: Flags.boolean({ description: 'Exit with 3 unless every PID can be trusted.' }),
    watch: Flags.boolean({ char: 'w', description: 'Go on, and show who comes, goes, and gets or loses a name.' }),
    duration: durationFlag({ description: 'With --watch: end after this many seconds.', dependsOn: ['watch'] }),
    polkit: Flags.boolean({
      description: 'Also show which process polkit takes for the client, and its login session.',
      exclusive: ['watch'],
    }),
    'no-pager': noPagerFlag,
    timeout: timeoutFlag({ description: 'How long to wait for all that the bus answers; the default is 5.' }),
  };

  async run(): Promise<BusDocument | undefined> {
    const { flags, argv } = await this.parse(Bus);
    const wanted = argv as string[];
    wanted.forEach(requireBusName);
    if (flags.watch && wanted.some(isPid))
      throw wrongUsage('--watch takes no PID', 'Give names: a PID may become another process’s.');
    if (flags.polkit && wanted.length === 0) {
      throw wrongUsage('--polkit needs a name or a PID', 'Give one, such as :1.42: `peerpid bus` shows them.');
    }
    const { explain, strict, timeout = defaultTimeout } = flags;
    const witness = this.witness(explain);
    const target = busTarget({ address: flags.address, session: flags.session });
    this.circumstances = { target };
    const address = formatTarget(target);
    orBusProblem(address, requireLibsystemd);
    using opened = await openTarget(target, { type: 'stream', timeout, connect: 'always', notHeldUp }, witness);
    const { socket } = opened;
    if (socket === undefined) throw new Error('a connection has no socket');
    const names = new SystemNames();
    using bus = orBusProblem(address, () =>
      OpenBus.open({ ...opened, socket }, { timeout, notHeldUp, names, witness }),
    );
    if (bus instanceof SilentBus) throw silentBus(bus, address, timeout);
    if (flags.watch && !orBusProblem(address, () => bus.follow())) throw notFollowed(address);
    const named = orBusProblem(address, () => bus.names());
    if (named instanceof SilentBus) throw silentBus(named, address, timeout);
    const choice = new BusChoice(wanted);
    const look = orBusProblem(address, () => bus.look(named.clients.filter((client) => choice.mayTake(client))));
    const all = describeBus({ bus, names: named, look }, target, names, witness.evidence);
    const chosen = { ...all, connections: all.connections.filter((connection) => choice.takes(connection)) };
    const missing = choice.missingFrom(chosen.connections);
    // What is watched for may come
    if (missing.length > 0 && !flags.watch) throw nobodyHas(missing, chosen.activatable ?? [], busKind(flags));
    const document = flags.polkit ? await withPolkit(chosen, look) : chosen;
    const isStrict = strict || wanted.length > 0;
    process.exitCode = busExitStatus(document, isStrict);
    if (flags.watch) {
      await this.#watch(bus, document, { address, wanted, isStrict, names, duration: flags.duration });
      return undefined;
    }
    const ourNamespaces = valueOf(ourselves().namespaces);
    await this.print(async (style) => {
      const { busText } = await import('../output/bus/bus-text.js');
      return busText(document, wanted.length > 0, { names, ourNamespaces }, style);
    }, !flags['no-pager']);
    return document;
  }

  async #watch(
    bus: OpenBus,
    document: BusDocument,
    { address, wanted, isStrict, names, duration }: BusWatching,
  ): Promise<void> {
    const [{ followBus }, { busEventText }, { busText }] = await Promise.all([
      import('../buses/follow-bus.js'),
      import('../output/bus/bus-event-text.js'),
      import('../output/bus/bus-text.js'),
    ]);
    const output = new SteadyOutput();
    const style = styleOf(process.stdout);
    const json = this.jsonEnabled();
    const text = (event: BusEvent): string => (json ? `${safeJson(event, 0)}\n` : busEventText(event, style));
    const ourNamespaces = valueOf(ourselves().namespaces);
    if (!json) output.write(`${busText(document, false, { names, ourNamespaces }, style)}\n`);
    else for (const event of beginning(document)) output.write(text(event));
    const { bySignal } = await orBusProblemLater(address, () =>
      followBus(bus, {
        wanted,
        present: document.connections,
        describe: (client, look) => describeClient(client, look, bus, names),
        text,
        shown: (connection) => {
          if (busExitStatus({ ...document, connections: [connection] }, isStrict) !== exitStatuses.believed) {
            process.exitCode = exitStatuses.notBelieved;
          }
        },
        output,
        duration,
      }),
    );
    if (bySignal) await output.finish();
  }
}

function busKind({ address, session }: { readonly address?: string | undefined; readonly session: boolean }): BusKind {
  return address !== undefined ? 'other' : session ? 'session' : 'system';
}

/** How to watch a bus. */
interface BusWatching {
  readonly address: string;
  readonly wanted: readonly string[];
  readonly isStrict: boolean;
  readonly names: SystemNames;
  readonly duration: number | undefined;
}

/** The first events: what is there. */
function beginning({ connections, ...rest }: BusDocument): BusEvent[] {
  const time = new Date().toISOString();
  return [
    { event: 'bus', time, ...rest },
    ...connections.map((connection): BusEvent => ({ event: 'present', time, connection })),
  ];
}
