import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';

import { PeerpidCommand } from '../cli/command.js';
import { scanExitStatus } from '../cli/exit-status.js';
import { intervalFlag } from '../cli/flags.js';
import { requireKnownUsers } from '../cli/known-users.js';
import { ProgressBar } from '../cli/progress.js';
import { choosingFlags, criterionNames, refuseTogether, tableFlags } from '../cli/scan-flags.js';
import { withWatchValue } from '../cli/watch-argument.js';
import { containsWord, criteria, type Criterion, isConnected, isListening } from '../connections/criteria.js';
import { selectFrom, type Selection } from '../connections/selection.js';
import { systemNames } from '../document/names.js';
import type { ScanDocument } from '../document/scan-document.js';
import { formatOf, refuseColumns, type ScanFormat, scanOutput } from '../output/scan/scan-output.js';
import type { TableOptions } from '../output/scan/scan-text.js';
import { plain, styleOf } from '../output/style.js';
import { scan, type ScanOptions } from '../scanning/scan.js';

type ScanFlags = InferredFlags<typeof Scan.flags> & InferredFlags<typeof Scan.baseFlags>;

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
    {
      description: 'Whose clients of one service are not to be believed?',
      command: `<%= config.bin %> scan --socket /run/app.sock --verdict '!pinned'`,
    },
    { description: 'A picture:', command: '<%= config.bin %> scan --graph --output sockets.svg' },
  ];

  static override args = {
    word: Args.string({
      // oclif would take it from standard input
      ignoreStdin: true,
      name: 'WORD',
      description: 'Only connections in whose address, command, user, unit or container it occurs, at either end.',
    }),
  };

  /** More words than one may follow. */
  static override strict = false;

  static override flags = {
    ...choosingFlags,
    ...tableFlags,
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
    graph: Flags.boolean({
      description:
        'Who talks to whom, for Graphviz: processes as nodes, connections as edges. With --output FILE.svg (png, pdf) it is drawn.',
    }),
    prometheus: Flags.boolean({
      description: 'Metrics, for the textfile collector of node_exporter.',
    }),
    output: Flags.string({
      char: 'o',
      helpValue: 'FILE',
      description: 'Replace FILE at once by what would be printed.',
    }),
    watch: intervalFlag({
      description: 'Look again every so many seconds (2), and show what comes, goes and changes.',
    }),
  };

  async run(): Promise<ScanDocument | undefined> {
    const { flags, argv } = await this.parse(Scan, withWatchValue(this.argv));
    if (flags.columns === 'help') {
      const { columnsHelp } = await import('../output/scan/columns-help.js');
      process.stdout.write(columnsHelp(styleOf(process.stdout, flags.color)));
      return undefined;
    }
    refuseTogether(flags);
    const json = this.jsonEnabled();
    const format = formatOf({ ...flags, json, summary: flags.summary === 'only' });
    const chosen = this.#criteria(flags, argv as string[]);
    const table = await this.#tableOptions(flags);
    if (flags.watch === undefined) refuseColumns(format, flags);
    const start = performance.now();
    const options = {
      audit: flags.audit,
      details: format === 'json',
      explain: flags.explain,
      processes: processesFor(
        format,
        flags,
        chosen.length > 0 || table.columns !== undefined || table.sort !== undefined,
      ),
      allNamespaces: flags['all-namespaces'],
    };
    const select = (scanned: ScanDocument): Selection => selectFrom(scanned, chosen, (uid) => systemNames.user(uid));
    if (flags.watch !== undefined) {
      await this.#watch(flags.watch, flags, () => select(scan(options, systemNames)), table);
      return undefined;
    }
    const selection = select(this.#scan(options));
    process.exitCode = scanExitStatus(selection, flags.audit);
    if (!json && flags.explain) {
      const { scanEvidence } = await import('../output/scan/scan-evidence.js');
      process.stderr.write(scanEvidence(selection.document, styleOf(process.stderr, flags.color)));
    }
    // oclif prints what is returned
    if (json && flags.output === undefined) return selection.document;
    const text = await scanOutput(format, selection, {
      style: flags.output === undefined ? styleOf(process.stdout, flags.color) : plain,
      table,
      summary: flags.summary !== 'none',
      names: systemNames,
      run: {
        version: this.config.version,
        endedAt: Date.now() / 1000,
        duration: (performance.now() - start) / 1000,
      },
    });
    if (flags.output === undefined) process.stdout.write(text);
    else await this.#putInto(flags.output, format, text);
    return undefined;
  }

  /** A graph is drawn if the file is to be a picture. */
  async #putInto(file: string, format: ScanFormat, text: string): Promise<void> {
    const { replaceFile } = await import('../cli/replace-file.js');
    const { drawGraph, pictureFor } = await import('../cli/draw-graph.js');
    const picture = format === 'graph' ? pictureFor(file) : undefined;
    replaceFile(file, picture === undefined ? text : await drawGraph(text, picture));
  }

  /** Shows what comes, goes and changes, until a key or a signal ends it. */
  async #watch(interval: number, flags: ScanFlags, look: () => Selection, table: TableOptions): Promise<void> {
    const { watch } = await import('../watching/watch.js');
    const { connectionTable, tableOf } = await import('../output/scan/scan-text.js');
    process.exitCode = await watch({
      interval,
      json: this.jsonEnabled(),
      color: flags.color,
      audit: flags.audit,
      look: () => {
        const selection = look();
        return { ...selection, connections: tableOf(selection, table).connections };
      },
      draw: (selection, style) => connectionTable(selection, style, { columns: table.columns }).split('\n'),
    });
  }

  #criteria(flags: ScanFlags, words: readonly string[]): Criterion[] {
    flags.user?.forEach(requireKnownUsers);
    return [
      ...criterionNames.flatMap((name) => (flags[name] ?? []).map((typed) => criteria[name](typed))),
      ...words.map(containsWord),
      ...(flags.listening ? [isListening] : []),
      ...(flags.connected ? [isConnected] : []),
    ];
  }

  /** What draws tables is loaded only where one is drawn, or its columns are named. */
  async #tableOptions({ columns, extended, sort, header, truncate }: ScanFlags): Promise<TableOptions> {
    if (columns === undefined && sort === undefined && !extended) return { header, truncate };
    const { parseColumns, parseSort, everyColumn } = await import('../output/scan/chosen-columns.js');
    return {
      header,
      truncate,
      columns: extended ? everyColumn : columns === undefined ? undefined : parseColumns(columns),
      sort: sort === undefined ? undefined : parseSort(sort),
    };
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

/** Which processes are told of beside the rows, or looked up. @param chosen - whether rows, columns or their order are */
function processesFor(format: ScanFormat, { audit, watch }: ScanFlags, chosen: boolean): ScanOptions['processes'] {
  if (chosen || format === 'graph' || (format === 'json' && audit)) return 'holders';
  // Two looks are compared process by process
  return format === 'json' || watch !== undefined ? 'peers' : undefined;
}
