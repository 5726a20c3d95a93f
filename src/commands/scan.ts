import { Args, Flags } from '@oclif/core';

import { PeerpidCommand } from '../command.js';
import { systemNames } from '../names.js';
import { ProgressBar } from '../output/progress.js';
import { styleOf } from '../output/style.js';
import { wrongUsage } from '../problem.js';
import { scan } from '../scanning/scan.js';
import type { ScanDocument } from '../scanning/scan-document.js';
import { scanExitStatus } from '../scanning/scan-exit-status.js';

export default class Scan extends PeerpidCommand {
  static override summary =
    'Show every local connection: who is at each end, and whether the PID that a service is told may be believed.';

  static override description = `One line for each connection over AF_UNIX sockets, the worst first: who has each end open, and what may be believed of the PID that SO_PEERCRED gives there. Nothing is connected to, and no service notices it: each socket is asked on a duplicate (pidfd_getfd(2)), which is closed at once.

A service in a container is told other numbers than you are. The verdict is the one in its view.

Root sees all of it. Other users see what is theirs, and are told what they could not see, and why.

Exit status: 0 every PID may be believed (sockets that have none do not count), 1 could not look (no socket could be asked, and not all could be seen), 2 wrong usage, 3 looked and not believed, 4 not possible on this system.`;

  static override examples = [
    { description: 'Everything, as root:', command: 'sudo <%= config.bin %> scan' },
    {
      description: 'Containers too:',
      command: 'sudo <%= config.bin %> scan -A',
    },
    { description: 'More of each, to be read at leisure:', command: '<%= config.bin %> scan --long | less' },
    {
      description: 'How many of each verdict, for a script:',
      command: `<%= config.bin %> scan --json | jq .summary.verdicts`,
    },
  ];

  /** None is taken: without this oclif takes it for the name of a command. */
  static override args = { none: Args.string({ hidden: true, ignoreStdin: true }) };

  static override flags = {
    long: Flags.boolean({
      char: 'l',
      description: 'Tell everything of each connection, in several lines.',
    }),
    'all-namespaces': Flags.boolean({
      char: 'A',
      description: 'Look into containers’ network namespaces too, as root.',
    }),
    audit: Flags.boolean({
      default: true,
      allowNo: true,
      description: 'Ask each socket for its peer. --no-audit: holders only.',
    }),
  };

  async run(): Promise<ScanDocument> {
    const { flags, args } = await this.parse(Scan);
    if (args.none !== undefined) {
      throw wrongUsage(`Unexpected argument: ${args.none}`, '`peerpid scan --help` tells what there is.');
    }
    const document = this.#scan({
      audit: flags.audit,
      details: flags.long || this.jsonEnabled(),
      explain: flags.explain,
      allNamespaces: flags['all-namespaces'],
    });
    if (!this.jsonEnabled()) {
      if (flags.explain) {
        const { scanEvidence } = await import('../output/scan-evidence.js');
        process.stderr.write(scanEvidence(document, styleOf(process.stderr, flags.color)));
      }
      const text = flags.long
        ? (await import('../output/scan-long.js')).scanLong
        : (await import('../output/scan-text.js')).scanText;
      process.stdout.write(text(document, styleOf(process.stdout, flags.color)));
    }
    process.exitCode = scanExitStatus(document, flags.audit);
    return document;
  }

  #scan(options: Parameters<typeof scan>[0]): ScanDocument {
    using bar = new ProgressBar(process.stderr, 'processes');
    return scan(
      {
        ...options,
        progress: (done, total) => {
          bar.tell(done, total);
        },
      },
      systemNames,
    );
  }
}
