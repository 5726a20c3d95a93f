import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { requireLibsystemd } from '../../native-probe/bus/libsystemd.js';
import { describeBus } from '../buses/describe-bus.js';
import { lookAtBus, SilentBus } from '../buses/look-at-bus.js';
import { busTarget } from '../cli/bus-address.js';
import { nobodyHas, orBusProblem, requireBusName, silentBus } from '../cli/bus-problem.js';
import { PeerpidCommand } from '../cli/command.js';
import { busExitStatus } from '../cli/exit-status.js';
import { defaultTimeout, noPagerFlag, timeoutFlag } from '../cli/flags.js';
import { notHeldUp } from '../cli/held-up.js';
import type { BusDocument } from '../document/bus-document.js';
import { SystemNames } from '../document/names.js';
import { ourselves } from '../identity/ourselves.js';
import { formatTarget } from '../socket/address.js';
import { openTarget } from '../socket/opening/open-target.js';
import { valueOf } from '../words/reading.js';

export default class Bus extends PeerpidCommand {
  static override summary = 'Show who is connected to a D-Bus daemon, by its own word and by the kernel.';

  static override description = `Asks the bus for its names and for the credentials of each connection (GetConnectionCredentials), and shows them beside what the kernel recorded of that connection. The verdict is on the PID that the bus gives: with a pidfd (ProcessFD) it can be trusted, without one it is unpinned, and polkit has no more than it.

It takes libsystemd.so.0, and connects to the bus as a client. Root, or the user of the bus, sees the kernel's side.

Exit status: 0 nobody is deceived by a PID (with names or --strict: every PID can be trusted), 1 could not look, 2 wrong usage, 3 somebody is, 4 not possible on this system.`;

  static override examples = [
    { description: 'The system bus, as root:', command: 'sudo <%= config.bin %> bus' },
    { description: 'All about one connection:', command: '<%= config.bin %> bus org.freedesktop.login1' },
    { description: 'Your session:', command: '<%= config.bin %> bus --session' },
    { description: 'A bus by its address:', command: '<%= config.bin %> bus --address unix:path=/run/app/bus' },
  ];

  static override args = {
    name: Args.string({
      // oclif would take it from standard input
      ignoreStdin: true,
      name: 'NAME',
      description: 'Only the connection with this name, such as :1.42 or org.freedesktop.login1, and all about it.',
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
    'no-pager': noPagerFlag,
    timeout: timeoutFlag({ description: 'How long to wait for all that the bus answers; the default is 5.' }),
  };

  async run(): Promise<BusDocument> {
    const { flags, argv } = await this.parse(Bus);
    const wanted = argv as string[];
    wanted.forEach(requireBusName);
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
    const isWanted = (all: readonly string[]): boolean => all.some((name) => wanted.includes(name));
    const found = orBusProblem(address, () =>
      lookAtBus(
        { ...opened, socket },
        {
          wanted: ({ uniqueName, names: owned }) => wanted.length === 0 || isWanted([uniqueName, ...owned]),
          timeout,
          notHeldUp,
        },
        names,
        witness,
      ),
    );
    if (found instanceof SilentBus) throw silentBus(found, address, timeout);
    const document = describeBus(found, target, names, witness.evidence);
    const missing = wanted.filter(
      (name) =>
        !document.connections.some(({ uniqueName, names: owned }) => uniqueName === name || owned.includes(name)),
    );
    if (missing.length > 0) throw nobodyHas(missing, document.activatable ?? []);
    process.exitCode = busExitStatus(document, strict || wanted.length > 0);
    const ourNamespaces = valueOf(ourselves().namespaces);
    await this.print(async (style) => {
      const { busText } = await import('../output/bus/bus-text.js');
      return busText(document, wanted.length > 0, { names, ourNamespaces }, style);
    }, !flags['no-pager']);
    return document;
  }
}
