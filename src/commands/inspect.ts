import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { socketTypes } from '../../native-probe/socket-kinds.js';
import { PeerpidCommand } from '../cli/command.js';
import { timeoutFlag } from '../cli/flags.js';
import { isDoubtful } from '../connections/doubt.js';
import { describeInspection } from '../document/describe-inspection.js';
import { systemNames } from '../document/names.js';
import type { InspectConnectionsDocument, ScanDocument } from '../document/scan-document.js';
import { inspect } from '../inspection/inspect.js';
import { styleOf } from '../output/style.js';
import type { Snapshot } from '../scanning/scan.js';
import { parseTarget } from '../socket/address.js';
import { openTarget } from '../socket/opening/open-target.js';
import type { SocketFacts } from '../socket/socket-facts.js';
import { isBelieved } from '../verdict/verdict.js';
import { exitStatuses, wrongUsage } from '../words/problem.js';
import { valueOf } from '../words/reading.js';

/** Milliseconds. */
const defaultTimeout = 5000;

export default class Inspect extends PeerpidCommand {
  static override summary = 'Show who is at the other end of a socket, and whether the PID may be believed.';

  static override description = `Connects to SOCKET (or takes a duplicate of it from a process that has it open: with --no-connect, of a datagram socket, and for /proc/PID/fd/N), asks the kernel for SO_PEERCRED and SO_PEERPIDFD, and shows side by side what the plain PID names now and what the pidfd pins.

For a socket that listens, the peer is the process that called listen(2), whoever accepts. Exit status: 0 the PID may be believed, 1 could not look, 2 wrong usage, 3 looked and not believed, 4 not possible on this system.`;

  static override examples = [
    { description: 'Who listens there?', command: '<%= config.bin %> inspect /run/dbus/system_bus_socket' },
    { description: 'An abstract socket:', command: "<%= config.bin %> inspect '@/tmp/.X11-unix/X0'" },
    {
      description: 'The same, unseen by the service:',
      command: '<%= config.bin %> inspect --no-connect /run/app.sock',
    },
    {
      description: 'Whom does a service have at the other end of its descriptor 7?',
      command: '<%= config.bin %> inspect /proc/1234/fd/7',
    },
    { description: 'For a script:', command: '<%= config.bin %> inspect --json /run/app.sock | jq -r .verdict' },
  ];

  static override args = {
    socket: Args.string({
      // oclif would take it from standard input
      ignoreStdin: true,
      name: 'SOCKET',
      description: 'A path, @name (abstract; \\xNN is a byte), or /proc/PID/fd/N.',
      required: true,
    }),
  };

  static override flags = {
    type: Flags.option({
      options: socketTypes,
      description: 'Look for a socket of this type only, rather than finding it out.',
    })(),
    'no-connect': Flags.boolean({
      description:
        'Make no connection: ask a duplicate of the listening socket, taken from a process that has it open. It takes root, or the user of that process. Datagram sockets are looked at in this way without it.',
    }),
    connections: Flags.boolean({
      description: 'Also show who is connected to the listener now, and to a datagram socket who may send.',
    }),
    timeout: timeoutFlag({
      description: 'How long to wait for a place in a full backlog; 5 without it.',
    }),
  };

  async run(): Promise<InspectConnectionsDocument> {
    const { args, flags } = await this.parse(Inspect);
    const target = parseTarget(args.socket);
    this.circumstances = { target };
    const witness = this.witness(flags.explain);
    const options = {
      type: flags.type,
      timeout: flags.timeout ?? defaultTimeout,
      noConnect: flags['no-connect'],
    };
    // Before a connection is made, which is none of the service's own
    const snapshot = flags.connections ? (await import('../scanning/scan.js')).takeSnapshot() : undefined;
    using opened = await openTarget(target, options, witness);
    using inspected = inspect(opened, witness, { holders: true });
    // A duplicate keeps the other side from seeing end of file, and a connection keeps the service busy
    opened[Symbol.dispose]();
    const { facts: report } = inspected;
    const described = describeInspection(report, systemNames);
    const connections = snapshot && (await this.#connections(report.socket, snapshot, flags.explain));
    const document = connections === undefined ? described : { ...described, connections };
    const ourNamespaces = valueOf(report.ourselves.namespaces);
    if (!this.jsonEnabled()) {
      // What draws tables takes a while to load, and JSON needs none of it
      const { reportText } = await import('../output/inspect/inspection-text.js');
      const style = styleOf(process.stdout, flags.color);
      process.stdout.write(reportText({ document, names: systemNames, ourNamespaces }, style));
      if (connections !== undefined) {
        const { scanText } = await import('../output/scan/scan-text.js');
        const { selectFrom } = await import('../connections/selection.js');
        process.stdout.write(
          `\n${scanText(
            selectFrom(connections, [], (uid) => systemNames.user(uid)),
            style,
          )}`,
        );
      }
    }
    const believed = isBelieved(document.verdict) && connections?.sockets.some(isDoubtful) !== true;
    process.exitCode = believed ? exitStatuses.believed : exitStatuses.notBelieved;
    return document;
  }

  async #connections({ inode, state }: SocketFacts, snapshot: Snapshot, explain: boolean): Promise<ScanDocument> {
    if (state === 'connected') {
      throw wrongUsage(
        'this socket is connected itself, so nobody connects to it',
        'Leave --connections away: the table shows its one peer.',
      );
    }
    const { connectedTo } = await import('../scanning/connected-to.js');
    const { scanSome } = await import('../scanning/scan.js');
    const chosen = 'error' in inode ? [] : connectedTo(inode.value, snapshot.listed);
    return scanSome(
      chosen,
      snapshot,
      { audit: true, details: this.jsonEnabled(), explain, processes: this.jsonEnabled() ? 'peers' : undefined },
      systemNames,
    );
  }
}
