import { hasOthers, type OwnPart, ownPartOf } from '../../connections/own-part.js';
import type { Selection } from '../../connections/selection.js';
import type { Names } from '../../document/names.js';
import { wrongUsage } from '../../words/problem.js';
import { safeJson } from '../../words/sanitise.js';
import type { LongText } from '../long-text.js';
import type { Style } from '../style.js';
import type { ScanRun } from './scan-metrics.js';
import type { TableOptions } from './scan-text.js';

/** What a scan may be printed as. */
export type ScanFormat =
  'services' | 'table' | 'long' | 'summary' | 'csv' | 'nul' | 'json' | 'graph' | 'prometheus' | 'counts';

type FormatFlags = Readonly<Record<Exclude<ScanFormat, 'services' | 'table' | 'counts'>, boolean>> & {
  readonly by?: string | undefined;
};

/** @throws Problem where formats were asked for that exclude each other */
export function formatOf(flags: FormatFlags & TableFlags): ScanFormat {
  const { graph, prometheus, json, csv, nul, long, summary, by } = flags;
  const formats = { graph, prometheus, json, csv, nul, long };
  const given = Object.entries(formats).flatMap(([name, is]) => (is ? [name as ScanFormat] : []));
  const [first, second] = given;
  // In JSON there is all that --long has
  if (second !== undefined && !(json && long && given.length === 2)) {
    throw wrongUsage(
      `--${first ?? ''} and --${second} exclude each other`,
      'Give one of --graph, --prometheus, --json, --csv, --nul and --long.',
    );
  }
  const other = first ?? (summary ? 'summary' : undefined);
  if (by !== undefined && other !== undefined && !json) {
    throw wrongUsage(
      `--by and --${other}${first === undefined ? ' only' : ''} exclude each other`,
      'Numbers are printed as a table, or with --json.',
    );
  }
  if (other !== undefined || by !== undefined) return other ?? 'counts';
  return isOfConnections(flags) ? 'table' : 'services';
}

/** What is of a line for each connection. */
interface TableFlags extends ColumnFlags {
  readonly connections: boolean;
  readonly each: boolean;
}

function isOfConnections({ connections, each, columns, extended, sort }: TableFlags): boolean {
  return connections || each || columns !== undefined || extended === true || sort !== undefined;
}

/** What chooses and sorts columns, as far as it was given. */
export interface ColumnFlags {
  readonly columns?: string | undefined;
  readonly extended?: boolean;
  readonly sort?: string | undefined;
}

/** @throws Problem where columns are asked for of what has none */
export function refuseColumns(format: ScanFormat, { columns, extended = false, sort }: ColumnFlags): void {
  if (format === 'table' || format === 'csv' || format === 'nul') return;
  const given = columns !== undefined ? 'columns' : extended ? 'extended' : sort !== undefined ? 'sort' : undefined;
  // The blocks of --long stand in an order, too
  if (given === undefined || (format === 'long' && given === 'sort')) return;
  const other = { summary: 'summary only', counts: 'by' }[format as string] ?? format;
  throw wrongUsage(
    `--${given} is of the columns of a table, and --${other} has none`,
    'The table, --csv and --nul have columns; jq takes fields out of --json.',
  );
}

/** What is to be printed, and how. */
export interface ScanOutputOptions {
  readonly style: Style;
  readonly table: TableOptions;
  /** Whether there is to be what it sums up to. */
  readonly summary: boolean;
  /** Whether services are those of which a holder is seen, and the rest is a number: for who is not root. */
  readonly ownOnly: boolean;
  readonly names: Names;
  readonly run: ScanRun;
}

/** A scan as text of a format. Each is loaded when it is wanted. */
export async function scanOutput(
  format: ScanFormat,
  selection: Selection,
  options: ScanOutputOptions,
): Promise<LongText> {
  const part = format === 'services' && options.ownOnly ? ownPart(selection) : undefined;
  const isWanted = isForPeople(format) && (options.summary || format === 'summary');
  const summary = isWanted
    ? `${(await import('./scan-summary.js')).scanSummary(selection.document, options.style, part?.hidden)}\n`
    : '';
  return { body: await bodyOf(format, { ...selection, ...part }, options), summary };
}

/** Whether people read it, rather than programs. */
export function isForPeople(format: ScanFormat): boolean {
  return ['services', 'table', 'long', 'counts', 'summary'].includes(format);
}

/** Undefined where all may be seen. */
function ownPart({ document, connections }: Selection): OwnPart | undefined {
  return hasOthers(document.notSeen) ? ownPartOf(connections) : undefined;
}

async function bodyOf(
  format: ScanFormat,
  selection: Selection,
  { style, table, names, run }: ScanOutputOptions,
): Promise<string> {
  const { document, connections } = selection;
  switch (format) {
    case 'json':
      return `${safeJson(document, 0)}\n`;
    case 'graph':
      return (await import('./scan-graph.js')).scanGraph(document, connections, names, table, run);
    case 'prometheus':
      return (await import('./scan-metrics.js')).scanMetrics(document, connections, run);
    case 'csv':
      return (await import('./scan-fields.js')).scanCsv(selection, table);
    case 'nul':
      return (await import('./scan-fields.js')).scanNul(selection, table);
    case 'summary':
      return '';
    case 'long':
      return (await import('./scan-long.js')).scanLong(await sorted(selection, table), style, table);
    case 'counts': {
      const { scanCounts } = await import('./scan-counts.js');
      return document.counts === undefined ? '' : scanCounts(document.counts, style, table);
    }
    case 'services':
      return (await import('./services-text.js')).servicesText(selection, style, table);
    case 'table': {
      const { connectionTable } = await import('./scan-text.js');
      return `${connectionTable(selection, style, table)}\n`;
    }
  }
}

async function sorted(selection: Selection, table: TableOptions): Promise<Selection> {
  if (table.sort === undefined) return selection;
  const { tableOf } = await import('./scan-text.js');
  return { ...selection, connections: tableOf(selection, table).connections };
}
