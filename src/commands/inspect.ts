import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';

import { socketTypes } from '../../native-probe/socket-kinds.js';
import { PeerpidCommand } from '../cli/command.js';
import { withContainerNames } from '../cli/container-names.js';
import { lookAtEach } from '../cli/each-socket.js';
import { inspectExitStatus } from '../cli/exit-status.js';
import { defaultTimeout, noPagerFlag, ownNamespaceFlag, timeoutFlag } from '../cli/flags.js';
import { notHeldUp } from '../cli/held-up.js';
import { namedTarget } from '../cli/named-target.js';
import { addressesFor } from '../cli/socket-unit.js';
import { howServiceSees } from '../cli/how-service-sees.js';
import { unitOfListener } from '../cli/unit-of-listener.js';
import { whoWaits } from '../cli/who-waits.js';
import { describeInspection } from '../document/describe-inspection.js';
import { SystemNames } from '../document/names.js';
import type { InspectDocument } from '../document/inspect-document.js';
import type { InspectConnectionsDocument } from '../document/scan-document.js';
import { inspect } from '../inspection/inspect.js';
import type { OpenOptions } from '../socket/opening/open-address.js';
import { openTarget } from '../socket/opening/open-target.js';
import type { CommandStatus } from '../words/problem.js';
import type { ServiceSees } from '../scanning/seen-by/service-sees.js';
import type { CrowdAt } from '../scanning/crowd-at.js';
import { bySeverity } from '../verdict/finding.js';
import { valueOf } from '../words/reading.js';

type InspectFlags = InferredFlags<typeof Inspect.flags> & InferredFlags<typeof Inspect.baseFlags>;

export default class Inspect extends PeerpidCommand {
  static override summary = 'Show who is at the other end of a socket, and whether its PID can be trusted.';

  static override description = `Takes a duplicate of SOCKET from a process that has it open (or connects to it, where there is none), asks the kernel for SO_PEERCRED and SO_PEERPIDFD, and shows side by side which process has the plain PID now and which one the pidfd pins.

For a socket that listens, the peer is the process that called listen(2), whoever accepts. Exit status: 0 the PID can be trusted, 1 could not look, 2 wrong usage, 3 looked, and it cannot be trusted, 4 not possible on this system; of several the worst, in the order 3, 4, 1, 2, 0.`;

  static override examples = [
    { description: 'Who listens there?', command: '<%= config.bin %> inspect /run/dbus/system_bus_socket' },
    { description: 'An abstract socket:', command: "<%= config.bin %> inspect '@/tmp/.X11-unix/X0'" },
    {
      description: 'The same, by connecting as a client does:',
      command: '<%= config.bin %> inspect --connect /run/app.sock',
    },
    {
      description: 'Who is at the other end of descriptor 7 of a service?',
      command: '<%= config.bin %> inspect /proc/1234/fd/7',
    },
    { description: 'Several, one after the other:', command: '<%= config.bin %> inspect /run/dbus/*_socket' },
    { description: 'For a script:', command: '<%= config.bin %> inspect --json /run/app.sock | jq -r .verdict' },
  ];

  static override args = {
    socket: Args.string({
      // oclif would take it from standard input
      ignoreStdin: true,
      name: 'SOCKET',
      description:
        'A path, @name (abstract; \\xNN is a byte), /proc/PID/fd/N, socket:[INODE], a unit such as docker.socket, or an address such as unix:path=….',
      required: true,
    }),
  };

  /** More sockets than one may follow. */
  static override strict = false;

  static override flags = {
    type: Flags.option({
      options: socketTypes,
      description: 'Look only for a socket of this type.',
    })(),
    connect: Flags.boolean({
      description:
        'Connect to what listens, as a client does. Without it, peerpid connects only where nobody who has the socket open may be looked into, and says so.',
      exclusive: ['no-connect'],
    }),
    'no-connect': Flags.boolean({
      description: 'Never connect: fail where that would be the only way.',
    }),
    'own-namespace': ownNamespaceFlag,
    connections: Flags.boolean({
      char: 'a',
      description: 'Also show who is connected to the listener now; of a datagram socket, who may send to it.',
    }),
    each: Flags.boolean({
      description: 'With --connections: a line for each, even for equal ones, instead of one with ×N.',
      dependsOn: ['connections'],
    }),
    long: Flags.boolean({
      char: 'L',
      description: 'Show every row by PID and by pidfd, also those that agree or repeat another.',
    }),
    'no-pager': noPagerFlag,
    timeout: timeoutFlag({
      description: 'How long to wait for a place in a full backlog; the default is 5.',
    }),
  };

  async run(): Promise<InspectConnectionsDocument | undefined> {
    const { argv, flags } = await this.parse(Inspect);
    const typed = argv as string[];
    const [first = ''] = typed;
    const sockets = typed.length === 1 ? await this.#addressesOf(first, flags) : typed;
    if (sockets.length > 1) {
      process.exitCode = await this.#inspectEach(sockets, flags);
      return undefined;
    }
    const document = await this.#inspect(sockets[0] ?? '', flags, !flags['no-pager']);
    process.exitCode = inspectExitStatus(document);
    return document;
  }

  #addressesOf(typed: string, flags: InspectFlags): Promise<readonly string[]> {
    return addressesFor(typed, this.witness(flags.explain), this.jsonEnabled());
  }

  #inspectEach(sockets: readonly string[], flags: InspectFlags): Promise<CommandStatus> {
    this.jsonLines = true;
    return lookAtEach(sockets, {
      addressesOf: (typed) => this.#addressesOf(typed, flags),
      look: async (address) => {
        const document = await this.#inspect(address, flags, false);
        if (this.jsonEnabled()) this.logJson(document);
        return inspectExitStatus(document);
      },
      tell: (error) => this.tell(error),
      headings: !this.jsonEnabled(),
    });
  }

  /** @param paged - whether it is shown in a pager where it is longer than the terminal */
  async #inspect(typed: string, flags: InspectFlags, paged: boolean): Promise<InspectConnectionsDocument> {
    this.circumstances = {};
    const witness = this.witness(flags.explain);
    const target = namedTarget(typed, witness, this.jsonEnabled());
    this.circumstances = { target };
    const ownNamespace = flags['own-namespace'];
    const options = { details: this.jsonEnabled(), explain: flags.explain, ownNamespace };
    // Before peerpid connects, since its own connection is none of the service's
    const { connectionScan } = flags.connections ? await import('../cli/inspect-connections.js') : {};
    const scanConnections = connectionScan?.(options);
    const { type, timeout = defaultTimeout } = flags;
    const connect = flags.connect ? 'always' : flags['no-connect'] ? 'never' : undefined;
    const elsewhere: OpenOptions['elsewhere'] = async (path, file) => {
      const { boundElsewhere } = await import('../scanning/bound-elsewhere.js');
      return notHeldUp(() => boundElsewhere(path, file));
    };
    const opening = { type, timeout, connect, notHeldUp, ...(!ownNamespace && { elsewhere }) } as const;
    using opened = await openTarget(target, opening, witness);
    using inspected = notHeldUp(() => inspect(opened, witness, { holders: true }));
    // A duplicate keeps the other side from seeing end of file, and a connection keeps the service busy
    opened[Symbol.dispose]();
    const names = new SystemNames();
    const described = withSeen(
      withCrowd(
        describeInspection(inspected.facts, names, true),
        await whoWaits(inspected.facts.socket, connect !== 'never'),
      ),
      await howServiceSees(target, inspected.facts),
    );
    const named = connect === 'never' ? described : await withContainerNames(described);
    const socketUnit = await unitOfListener(named);
    const connections = scanConnections && notHeldUp(() => scanConnections(inspected.facts.socket));
    const document = { ...named, ...(socketUnit && { socketUnit }), ...(connections && { connections }) };
    const ourNamespaces = valueOf(inspected.facts.ourselves.namespaces);
    await this.print(async (style) => {
      // What draws tables takes a while to load, and JSON needs none of it
      const { inspectText } = await import('../output/inspect-text.js');
      return inspectText({ document, names, ourNamespaces, both: flags.long }, connections, style, flags);
    }, paged);
    return document;
  }
}

function withCrowd(document: InspectDocument, { findings, ...crowd }: CrowdAt): InspectDocument {
  return findings.length === 0
    ? document
    : { ...document, ...crowd, findings: bySeverity([...document.findings, ...findings]) };
}

function withSeen(document: InspectDocument, seen: ServiceSees | undefined): InspectDocument {
  return seen === undefined
    ? document
    : {
        ...document,
        serviceSees: seen.serviceSees,
        unavailable: [...document.unavailable, ...seen.unavailable],
      };
}
