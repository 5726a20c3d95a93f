import { Flags } from '@oclif/core';

import { PeerpidCommand } from '../command.js';
import { systemNames } from '../names.js';
import { ProgressBar } from '../output/progress.js';
import { styleOf } from '../output/style.js';
import { exitStatuses } from '../problem.js';
import { scan } from '../scanning/scan.js';
import type { ScanDocument } from '../scanning/scan-document.js';
import { isDoubtful } from '../scanning/verdict-that-counts.js';

export default class Scan extends PeerpidCommand {
  static override summary =
    'Audit every local connection: whom each service has at the other end, and whether that is still true.';

  static override description = `Takes the kernel's list of AF_UNIX sockets, finds who has each open, and asks each on a duplicate (pidfd_getfd(2)) for SO_PEERCRED and SO_PEERPIDFD, without touching the service or connecting to it. One line a connection, the worst first.

A service in a container is told other numbers: the verdict is the one in the view of the process that holds the socket. As root all is seen; another user is told what could not be.

Exit status: 0 every PID may be believed (sockets that have none do not count), 1 could not look, 2 wrong usage, 3 looked and not believed, 4 not possible on this system.`;

  static override examples = [
    { description: 'Everything, as root:', command: 'sudo <%= config.bin %> scan' },
    { description: 'All that there is to say of each:', command: '<%= config.bin %> scan --long' },
    { description: 'Containers too:', command: 'sudo <%= config.bin %> scan --all-namespaces' },
    {
      description: 'For a script:',
      command: `<%= config.bin %> scan --json | jq '.sockets[] | select(.verdict == "recycled")'`,
    },
  ];

  static override flags = {
    long: Flags.boolean({
      char: 'l',
      description: 'Everything that there is to say of each connection, in several lines.',
    }),
    'all-namespaces': Flags.boolean({
      char: 'A',
      description: 'Look into every network namespace, which takes root: containers have their own.',
    }),
    audit: Flags.boolean({
      default: true,
      allowNo: true,
      description:
        'Ask each socket for its peer. Without it only who has which sockets open is shown, which is faster.',
    }),
  };

  async run(): Promise<ScanDocument> {
    const { flags } = await this.parse(Scan);
    const document = this.#scan({
      audit: flags.audit,
      details: flags.long || this.jsonEnabled(),
      explain: flags.explain,
      allNamespaces: flags['all-namespaces'],
    });
    if (!this.jsonEnabled()) {
      const text = flags.long
        ? (await import('../output/scan-long.js')).scanLong
        : (await import('../output/scan-text.js')).scanText;
      process.stdout.write(text(document, styleOf(process.stdout, flags.color)));
    }
    process.exitCode = document.sockets.some(isDoubtful) ? exitStatuses.notBelieved : exitStatuses.believed;
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
