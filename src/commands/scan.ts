import { hostname } from 'node:os';
import { join } from 'node:path';

import * as Args from '@oclif/core/args';
import type { InferredFlags } from '@oclif/core/interfaces';

import { PeerpidCommand } from '../cli/command.js';
import { scanExitStatus } from '../cli/exit-status.js';
import { withLeftOutValues } from '../cli/left-out-values.js';
import { printLong } from '../cli/pager.js';
import { withProgress } from '../cli/progress.js';
import { nothingChosen } from '../cli/nothing-chosen.js';
import { scanFlags } from '../cli/scan-flags.js';
import { scanRequest } from '../cli/scan-request.js';
import type { Selection } from '../connections/selection.js';
import { problemDocument } from '../document/error-document.js';
import type { Names } from '../document/names.js';
import type { ScanDocument } from '../document/scan-document.js';
import { inOneText } from '../output/long-text.js';
import { problemText } from '../output/problem-text.js';
import type { ScanRun } from '../output/scan/scan-metrics.js';
import { isForPeople, type ScanFormat, scanOutput } from '../output/scan/scan-output.js';
import type { TableOptions } from '../output/scan/scan-text.js';
import { plain, styleOf } from '../output/style.js';
import type { Problem } from '../words/problem.js';
import { milliseconds } from '../../native-probe/monotonic-clock.js';

type ScanFlags = InferredFlags<typeof Scan.flags> & InferredFlags<typeof Scan.baseFlags>;

export default class Scan extends PeerpidCommand {
  static override summary =
    'Show who serves each local socket, who is connected, and whether the PID that a service sees can be trusted.';

  static override description = `A line for each service on an AF_UNIX socket: who serves it, how many clients it has and from which users, and below it what is not well, such as a client whose PID cannot be trusted. --connections shows each connection. It connects to nothing, and no service notices it: each socket is asked through a duplicate (pidfd_getfd(2)), which is closed at once.

A service in a container sees other PIDs than you do. The verdict is the one in its view.

Root sees all of it. Other users see what is theirs, and how much there is besides.

Exit status: 0 nobody is deceived by a PID (with --strict: every PID can be trusted), 1 could not look (no socket could be asked and not all could be seen, or nothing matches what was named), 2 wrong usage, 3 somebody is, 4 not possible on this system.`;

  static override examples = [
    { description: 'Everything, as root:', command: 'sudo <%= config.bin %> scan' },
    { description: 'Each connection to one service:', command: '<%= config.bin %> scan -a /run/app.sock' },
    { description: 'Everything about each:', command: '<%= config.bin %> scan --long' },
    {
      description: 'How many of each verdict, for a script:',
      command: `<%= config.bin %> scan --json | jq .summary.verdicts`,
    },
    {
      description: 'Which clients of a service have a PID that cannot be trusted?',
      command: `<%= config.bin %> scan --socket /run/app.sock --verdict '!pinned'`,
    },
    { description: 'A picture:', command: '<%= config.bin %> scan --graph --output sockets.svg' },
  ];

  static override args = {
    word: Args.string({
      // oclif would take it from standard input
      ignoreStdin: true,
      name: 'WORD',
      description: 'Only connections with this word in the address, command, user, unit or container of either end.',
    }),
  };

  /** More words than one may follow. */
  static override strict = false;

  static override flags = scanFlags;

  async run(): Promise<ScanDocument | undefined> {
    const { flags, argv } = await this.parse(Scan, withLeftOutValues(this.argv));
    if (flags.columns === 'help') return this.#columnsHelp();
    const json = this.jsonEnabled();
    const { format, table, naming, look } = await scanRequest(
      flags,
      argv as string[],
      json,
      join(this.config.root, 'native-probe/bpf'),
    );
    const nothingIn = ({ nothingNamed, document }: Selection): Problem | undefined =>
      nothingNamed && !flags['allow-empty'] ? nothingChosen(naming, flags.socket ?? [], document.notSeen) : undefined;
    if (flags.watch !== undefined) {
      const { watch } = await import('../watching/watch.js');
      const lookNow = (): Selection => {
        const { selection: now } = look();
        return withoutAny(now, nothingIn(now));
      };
      process.exitCode = await watch({ ...flags, interval: flags.watch, json, look: lookNow, table });
      return undefined;
    }
    const start = milliseconds();
    const { selection: selected, names } = await withProgress('processes', look);
    process.exitCode = scanExitStatus(selected, flags);
    const nothing = nothingIn(selected);
    const selection = withoutAny(selected, nothing);
    if (flags.explain && !json) await this.#explain(selection.document);
    // oclif prints what is returned
    if (json && flags.output === undefined) return selection.document;
    await this.#print(selection, format, table, scanRun(this.config.version, start), names, flags);
    if (nothing !== undefined && !json) process.stderr.write(problemText(nothing, styleOf(process.stderr)));
    return undefined;
  }

  async #print(
    selection: Selection,
    format: ScanFormat,
    table: TableOptions,
    run: ScanRun,
    names: Names,
    { output, summary, 'no-pager': noPager }: ScanFlags,
  ): Promise<void> {
    const style = output === undefined ? styleOf(process.stdout) : plain;
    const ownOnly = process.geteuid?.() !== 0;
    const options = { style, table, summary: summary !== 'none', ownOnly, names, run };
    const text = await scanOutput(format, selection, options);
    if (output === undefined) await printLong(text, !noPager && isForPeople(format));
    else await (await import('../cli/scan-file.js')).putScanInto(output, format, inOneText(text));
  }

  async #columnsHelp(): Promise<undefined> {
    const { columnsHelp } = await import('../output/scan/columns-help.js');
    process.stdout.write(columnsHelp(styleOf(process.stdout)));
  }

  async #explain(document: ScanDocument): Promise<void> {
    const { scanEvidence } = await import('../output/scan/scan-evidence.js');
    process.stderr.write(scanEvidence(document, styleOf(process.stderr)));
  }
}

function withoutAny(selection: Selection, nothing: Problem | undefined): Selection {
  if (nothing === undefined) return selection;
  const { error } = problemDocument(nothing);
  return { ...selection, document: { ...selection.document, nothingChosen: error } };
}

/** @param start - by milliseconds() */
function scanRun(version: string, start: number): ScanRun {
  return { version, host: hostname(), endedAt: Date.now() / 1000, duration: (milliseconds() - start) / 1000 };
}
