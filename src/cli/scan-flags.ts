import * as Flags from '@oclif/core/flags';

import { passOptions, socketTypes } from '../../native-probe/socket-kinds.js';
import { criteria } from '../connections/criteria.js';
import { eitherOf } from '../words/listed.js';
import { wrongUsage } from '../words/problem.js';
import { intervalFlag, noPagerFlag, ownNamespaceFlag } from './flags.js';

const howMany = { multiple: true, multipleNonGreedy: true } as const;
const chooses = { ...howMany, helpGroup: 'CHOOSE' } as const;
const draws = { helpGroup: 'TABLE' } as const;

/** Which connections are shown. A value is a list with commas; with a leading `!` it means all but those. */
const choosingFlags = {
  pid: Flags.string({
    ...chooses,
    char: 'p',
    helpValue: 'PID,…',
    description: 'Held by these processes, at either end.',
  }),
  user: Flags.string({ ...chooses, char: 'u', helpValue: 'USER,…', description: 'Held by processes of these users.' }),
  comm: Flags.string({
    ...chooses,
    char: 'C',
    helpValue: 'NAME,…',
    description: 'Held by programs of these names; * and ? are wildcards.',
  }),
  socket: Flags.string({
    ...chooses,
    char: 's',
    helpValue: 'SOCKET,…',
    description:
      'These paths (by the file that they lead to), @names or other SOCKETs; * and ? are wildcards in names.',
  }),
  type: Flags.string({ ...chooses, helpValue: 'TYPE,…', description: `Of type ${eitherOf(socketTypes)}.` }),
  verdict: Flags.string({
    ...chooses,
    helpValue: 'VERDICT,…',
    description: 'With these verdicts, such as !pinned,none.',
  }),
  finding: Flags.string({ ...chooses, helpValue: 'FINDING,…', description: 'With these findings.' }),
  asks: Flags.string({
    ...chooses,
    helpValue: 'WHAT,…',
    description: `With a service that asks for ${eitherOf(passOptions)}.`,
  }),
  listening: Flags.boolean({
    char: 'l',
    helpGroup: 'CHOOSE',
    description: 'Listeners, and datagram sockets that receive.',
  }),
  connected: Flags.boolean({
    helpGroup: 'CHOOSE',
    description: 'Everything that has another end, accepted or waiting.',
  }),
} as const;

/** Flags of output that is not drawn again line by line, as --watch does. */
const notWithWatch = ['long', 'csv', 'nul', 'graph', 'prometheus', 'output', 'summary', 'by'] as const;

/** Flags that choose by what only an audit can tell. */
const notWithoutAudit = ['verdict', 'finding', 'asks'] as const;

/**
 * Refuses flags that exclude each other. oclif's `exclusive` would have `--help` say that each excludes all others.
 *
 * @throws Problem that names two
 */
export function refuseTogether(flags: Readonly<Record<string, unknown>>): void {
  const other = notWithWatch.find((name) => flags[name] !== undefined && flags[name] !== false);
  if (flags['watch'] !== undefined && other !== undefined) {
    throw wrongUsage(
      `--watch and --${other} exclude each other`,
      '--watch goes with --json, --columns and --sort, and with what chooses connections.',
    );
  }
  const unknown = notWithoutAudit.find((name) => flags[name] !== undefined);
  if (flags['audit'] === false && unknown !== undefined) {
    throw wrongUsage(
      `--no-audit and --${unknown} exclude each other`,
      'Without an audit there are no verdicts and no findings, and nothing is known of what services ask for: omit --no-audit.',
    );
  }
}

/** The flags above that take a list. */
export const criterionNames = Object.keys(criteria) as (keyof typeof criteria)[];

/** How the table looks. */
const tableFlags = {
  columns: Flags.string({
    ...draws,
    char: 'o',
    helpValue: 'NAME,…',
    description: 'Only these columns, or with a leading + these too; `--columns help` explains each.',
  }),
  extended: Flags.boolean({ ...draws, char: 'x', description: 'Every column.', exclusive: ['columns'] }),
  sort: Flags.string({ ...draws, helpValue: 'NAME,…', description: 'Sort by these columns; -NAME sorts backwards.' }),
  'no-header': Flags.boolean({ ...draws, char: 'n', description: 'Without the line of headings.' }),
  each: Flags.boolean({
    ...draws,
    description: 'A line for each connection, even for equal ones, instead of one with ×N.',
  }),
  by: Flags.option({
    ...draws,
    options: ['client', 'service', 'user', 'unit'] as const,
    description: 'Count connections by who has them, with the worst verdict of each.',
  })(),
  truncate: Flags.boolean({ ...draws, default: true, allowNo: true, description: 'Cut cells to fit the terminal.' }),
  // Without a value it is plain: see `withLeftOutValues`
  csv: Flags.option({
    ...draws,
    options: ['plain', 'safe'] as const,
    helpValue: '[plain|safe]',
    description: 'Comma-separated values; safe: none that a spreadsheet takes for a formula.',
  })(),
  nul: Flags.boolean({ ...draws, description: 'End each field with a NUL, for scripts.' }),
  summary: Flags.option({
    ...draws,
    options: ['only', 'also', 'none'] as const,
    description: 'Show the counts alone, after the table, or not at all.',
  })(),
} as const;

/** Every flag of `peerpid scan`. */
export const scanFlags = {
  ...choosingFlags,
  ...tableFlags,
  connections: Flags.boolean({
    char: 'a',
    description: 'A line for each connection, rather than for each service. --columns, --sort and --each mean it too.',
  }),
  long: Flags.boolean({
    char: 'L',
    description: 'Show everything about each connection, in several lines.',
  }),
  'own-namespace': ownNamespaceFlag,
  source: Flags.option({
    options: ['auto', 'bpf', 'proc'] as const,
    default: 'auto',
    description:
      'Who has which sockets: by a BPF program, or by /proc and each socket; auto: the first where it is possible.',
  })(),
  audit: Flags.boolean({
    default: true,
    allowNo: true,
    description: 'Ask each socket for its peer. --no-audit: holders only.',
  }),
  'allow-empty': Flags.boolean({
    description: 'End with status 0, not 1, if nothing matches --socket, --pid, --user or WORD.',
  }),
  strict: Flags.boolean({
    description: 'End with status 3 for every PID that cannot be trusted, even of a listener that forked.',
  }),
  graph: Flags.boolean({
    description:
      'Print a graph for Graphviz: a box for each program, arrows to the addresses it uses. With --output FILE.svg (png, pdf) it is drawn.',
  }),
  prometheus: Flags.boolean({
    description: 'Print metrics for the textfile collector of node_exporter.',
  }),
  output: Flags.string({
    helpValue: 'FILE',
    description: 'Write the output to FILE, which is replaced at once.',
  }),
  'no-pager': noPagerFlag,
  watch: intervalFlag({
    char: 'w',
    description: 'Look again every SECONDS (2 without a number), and show what comes, goes and changes.',
  }),
} as const;
